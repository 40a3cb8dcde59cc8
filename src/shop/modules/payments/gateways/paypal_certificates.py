"""Which certificates speak for PayPal: fetched from its own host and nowhere else, issued to it, and valid today.

A webhook names its certificate by an address of the sender's choosing, so the address is held against a list before
anything is asked of it, and of those that were never seen to be PayPal's only a few may be asked for in a minute.
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

ORIGINS: Final = ("https://api.paypal.com", "https://api.sandbox.paypal.com")
PATH: Final = re.compile(r"/v1/notifications/certs/CERT-[A-Za-z0-9-]{1,100}")
OWNER: Final = ".paypal.com"
LARGEST: Final = 64_000
KEPT_AT_MOST: Final = 16
KEPT_FOR: Final = timedelta(hours=6)
AGAIN_AFTER: Final = timedelta(minutes=1)
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
            certificate, fresh_until = self._kept.get(url) or (await self._first(url, now), now + KEPT_FOR)
            if fresh_until <= now:
                certificate, fresh_until = await self._renewed(url, certificate, now)
            self._keep(url, certificate, fresh_until)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise NotFromProvider("The certificate is not valid today")
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotFromProvider("The certificate has no RSA key")
        return key

    async def _first(self, url: str, now: datetime) -> x509.Certificate:
        if len(self._fetches) == FETCHES_A_MINUTE and self._fetches[0] > now - timedelta(minutes=1):
            raise NotFromProvider("Too many certificates were asked for within a minute")
        self._fetches.append(now)
        return await self._fetch(url, now)

    async def _renewed(self, url: str, known: x509.Certificate, now: datetime) -> tuple[x509.Certificate, datetime]:
        """Beside the limit, or forgeries that use it up would keep PayPal's own messages out. What was PayPal's stays so until
        its own end where it can't be had again now."""
        try:
            return await self._fetch(url, now), now + KEPT_FOR
        except NotFromProvider:
            return known, now + AGAIN_AFTER

    def _keep(self, url: str, certificate: x509.Certificate, fresh_until: datetime) -> None:
        while url not in self._kept and len(self._kept) >= KEPT_AT_MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[url] = certificate, fresh_until

    async def _fetch(self, url: str, now: datetime) -> x509.Certificate:
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
    """Letter by letter, as what takes an address to pieces may leave some out. Raises NotFromProvider."""
    origins = (_origin(api_base()),) if is_stand_in() else ORIGINS
    if not any(url.startswith(origin) and PATH.fullmatch(url, len(origin)) for origin in origins):
        raise NotFromProvider("The certificate is not at PayPal's address")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
