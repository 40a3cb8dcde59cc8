"""Browsers that an account has been signed in on: strangers who guess at a password lock out one another, not these.

After OWASP's "device cookies": the cookie is given at a good sign-in, says nothing about whose it is, and earns its bearer
tries of their own. It opens nothing: without the password it is worth as much as any browser.
"""

import base64
import binascii
import hashlib
import hmac
import os
from typing import Any, Final
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie

from shop.kernel import clock
from shop.kernel.config import settings

COOKIE: Final = "shop_device"
SECURE_COOKIE: Final = "__Host-shop_device"
LIFE_SECONDS: Final = 365 * 24 * 3600
_NONCE_BYTES: Final = 16
_MADE_BYTES: Final = 8
_MAC_BYTES: Final = 32


def cookie_name() -> str:
    return SECURE_COOKIE if settings().public_url.startswith("https://") else COOKIE


def device_cookie(account_id: UUID) -> Cookie:
    """For the answer to a good sign-in."""
    head = os.urandom(_NONCE_BYTES) + int(clock.now().timestamp()).to_bytes(_MADE_BYTES)
    return Cookie(
        key=cookie_name(),
        value=base64.urlsafe_b64encode(head + _mac(head, account_id)).decode().rstrip("="),
        max_age=LIFE_SECONDS,
        path="/",
        httponly=True,
        secure=cookie_name() == SECURE_COOKIE,
        samesite="lax",
    )


def known_device(request: Request[Any, Any, Any], account_id: UUID | None) -> str | None:
    """The device's own mark, when this account has been signed in on it within a year; for the API there are none."""
    try:
        given = base64.urlsafe_b64decode(request.cookies.get(cookie_name(), "")[:100] + "==")
    except (binascii.Error, ValueError):
        return None
    head, mac = given[:-_MAC_BYTES], given[-_MAC_BYTES:]
    if len(head) != _NONCE_BYTES + _MADE_BYTES or account_id is None:
        return None
    if not hmac.compare_digest(mac, _mac(head, account_id)):
        return None
    made = int.from_bytes(head[_NONCE_BYTES:])
    return head.hex() if made > clock.now().timestamp() - LIFE_SECONDS else None


def _mac(head: bytes, account_id: UUID) -> bytes:
    message = b"known device\x00" + account_id.bytes + head
    return hmac.digest(settings().secret_key.encode(), message, hashlib.sha256)
