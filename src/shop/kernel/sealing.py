"""Secrets that must be read again, such as a signing key, sealed before they are stored: a copy of the database alone
opens none of them. AES-256-GCM under a key derived from SHOP_SECRET_KEY for each purpose (HKDF, RFC 5869).

Gotcha: whoever replaces SHOP_SECRET_KEY makes everything sealed unreadable.
"""

import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shop.kernel.config import settings

_NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"


class Unsealable(Exception):
    """Sealed for another purpose or owner, damaged, or under another SHOP_SECRET_KEY."""


def seal(purpose: str, plain: bytes, owner: bytes = b"") -> bytes:
    """`owner` is what the secret belongs to, such as a row's id: moved to another row it can't be opened."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + _cipher(purpose, settings().secret_key).encrypt(nonce, plain, owner)


def unseal(purpose: str, sealed: bytes, owner: bytes = b"") -> bytes:
    """Raises Unsealable."""
    nonce, box = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if sealed[:1] != _VERSION:
            raise Unsealable(purpose)
        return _cipher(purpose, settings().secret_key).decrypt(nonce, box, owner)
    except (InvalidTag, ValueError) as error:
        raise Unsealable(purpose) from error


@lru_cache(maxsize=16)
def _cipher(purpose: str, secret_key: str) -> AESGCM:
    key = HKDF(SHA256(), 32, salt=None, info=f"shop sealing {purpose}".encode()).derive(secret_key.encode())
    return AESGCM(key)
