"""A program's secret: what it shows for a token, and what it signs the events with that it sends here.

The first is kept as a hash; of the second HMAC needs the bytes themselves, so that it is kept sealed. Both are one string,
which a client of the Standard Webhooks specification reads as base64.
"""

import base64
import secrets
import string
from typing import Final

import structlog

from shop.contracts.identity import EventSigner
from shop.kernel.sealing import Unsealable, seal, unseal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import oauth_clients
from shop.modules.identity.rules import uuid_of

PURPOSE: Final = "event signing"
LETTERS: Final = string.ascii_letters + string.digits
"""Those of base64 and its variant for URLs that need no escape anywhere."""
LENGTH: Final = 44
"""A multiple of four needs no padding. 262 bits, which base64 reads as 33 bytes."""

log = structlog.get_logger(__name__)


def new_secret() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def sealed(client_id: str, secret: str) -> bytes:
    return seal(PURPOSE, secret.encode(), client_id.encode())


async def find_signer(uow: UnitOfWork, client_id: str) -> EventSigner | None:
    """None when no event can be signed by such a program. Why is logged, as its sender must not learn it."""
    if uuid_of(client_id) is None:
        return None
    found = await oauth_clients.find_signing_client(uow, client_id)
    if found is None:
        return None
    if found.signing_secret is None:
        if found.client.confidential:
            log.warning("program_without_signing_secret", client_id=client_id, mended_by="a new secret")
        return None
    try:
        secret = unseal(PURPOSE, found.signing_secret, client_id.encode())
    except Unsealable:
        log.warning("signing_secret_unreadable", client_id=client_id, mended_by="a new secret")
        return None
    return EventSigner(client_id, (base64.b64decode(secret, validate=True),), frozenset(found.client.own_scopes))
