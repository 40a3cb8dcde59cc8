"""Which certificates speak for PayPal: fetched from its own host and nowhere else, issued to it, and valid today.

A webhook names its certificate by an address of the sender's choosing, so the address is held against a list before
anything is asked of it, and only a few may be asked for in a minute.
"""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID

from shop.contracts.payment_providers import NotFromProvider, ProviderAway
from shop.kernel import clock
from shop.modules.payments.gateways.paypal_client import PayPalClient, api_base, is_stand_in

HOSTS: Final = frozenset({"api.paypal.com", "api.sandbox.paypal.com"})
PATH: Final = re.compile(r"/v1/notifications/certs/CERT-[A-Za-z0-9-]{1,100}")
OWNER: Final = ".paypal.com"
LARGEST: Final = 64_000
KEPT_AT_MOST: Final = 16
KEPT_FOR: Final = timedelta(hours=6)
FETCHES_A_MINUTE: Final = 10


class PayPalCertificates:
    """Kept by their addresses for some hours: PayPal signs months of webhooks with one."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client
        self._kept: dict[str, tuple[x509.Certificate, datetime]] = {}
        self._fetches: deque[datetime] = deque(maxlen=FETCHES_A_MINUTE)
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def key_at(self, url: str) -> rsa.RSAPublicKey:
        """Raises NotFromProvider for any certificate but PayPal's own."""
        check_address(url)
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            now = clock.now()
            known = self._kept.get(url)
            if known is None or known[1] <= now:
                known = await self._fetch(url, now), now + KEPT_FOR
                while len(self._kept) >= KEPT_AT_MOST:
                    del self._kept[next(iter(self._kept))]
                self._kept[url] = known
        certificate = known[0]
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise NotFromProvider("The certificate is not valid today")
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotFromProvider("The certificate has no RSA key")
        return key

    async def _fetch(self, url: str, now: datetime) -> x509.Certificate:
        if len(self._fetches) == FETCHES_A_MINUTE and self._fetches[0] > now - timedelta(minutes=1):
            raise NotFromProvider("Too many certificates were asked for within a minute")
        self._fetches.append(now)
        try:
            chain = x509.load_pem_x509_certificates(await self._client.fetch(url, LARGEST))
        except (ProviderAway, ValueError) as error:
            raise NotFromProvider("The certificate can't be read") from error
        if is_stand_in():
            check_owner(chain[0])
        else:
            check_chain(chain, _system_roots(), now)
        return chain[0]


def check_address(url: str) -> None:
    """Raises NotFromProvider."""
    parts = urlsplit(url)
    if is_stand_in():
        base = urlsplit(api_base())
        right = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
    else:
        right = parts.scheme == "https" and parts.netloc in HOSTS
    if not right or parts.query or parts.fragment or not PATH.fullmatch(parts.path):
        raise NotFromProvider("The certificate is not at PayPal's address")


def check_owner(certificate: x509.Certificate) -> str:
    """PayPal's name in the certificate. Raises NotFromProvider for a certificate of anybody else."""
    common = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(common) != 1 or not common[0].lower().endswith(OWNER):
        raise NotFromProvider("The certificate is not PayPal's")
    return common[0]


def check_chain(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], now: datetime) -> None:
    """Raises NotFromProvider unless the first was issued to PayPal by an authority that leads to one of `roots`."""
    name = check_owner(chain[0])
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(now)
        .build_server_verifier(x509.DNSName(name))
    )
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except verification.VerificationError as error:
        raise NotFromProvider("No known authority vouches for the certificate") from error


@lru_cache(maxsize=1)
def _system_roots() -> list[x509.Certificate]:
    """The authorities that TLS connections of this process trust."""
    import certifi  # read once, and only where PayPal is in use

    return x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
