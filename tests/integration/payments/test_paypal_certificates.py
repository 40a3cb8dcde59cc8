"""Which certificates are believed to be PayPal's: where they may be fetched from, who gave them to whom."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from shop.contracts.payment_providers import NotFromProvider
from shop.kernel.config import settings
from shop.modules.payments.gateways.paypal_certificates import check_address, check_chain
from tests.fakes.paypal_api.certificates import Identity, make_identity


@pytest.mark.parametrize(
    ("base", "address", "believed"),
    [
        ("", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77", True),
        (
            "https://api-m.sandbox.paypal.com",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42",
            True,
        ),
        ("", "http://api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("", "https://api.paypal.com.attacker.example/v1/notifications/certs/CERT-1", False),
        ("", "https://api.paypal.com@attacker.example/v1/notifications/certs/CERT-1", False),
        ("", "https://attacker@api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("", "https://api.paypal.com:8443/v1/notifications/certs/CERT-1", False),
        ("", "https://www.paypal.com/v1/notifications/certs/CERT-1", False),
        ("", "https://api.paypal.com/v1/notifications/certs/CERT-1?to=https://attacker.example", False),
        ("", "https://api.paypal.com/v1/notifications/certs/../../../redirect", False),
        ("", "https://api.paypal.com/other/CERT-1", False),
        ("", "https://api.paypal.com/v1/notifications/certs/CERT-a\tb", False),
        ("", "https://api.pay\tpal.com/v1/notifications/certs/CERT-1", False),
        ("", "https://api.paypal.com/v1/notifications/certs/CERT-1\n", False),
        ("", " https://api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("", "https://[api.paypal.com/v1/notifications/certs/CERT-1", False),
        ("", "https://api.paypal.com\u2100/v1/notifications/certs/CERT-1", False),
        ("", "http://127.0.0.1:8412/v1/notifications/certs/CERT-1", False),
        ("", "http://169.254.169.254/v1/notifications/certs/CERT-1", False),
        ("http://127.0.0.1:8412", "http://127.0.0.1:8412/v1/notifications/certs/CERT-1", True),
        ("http://127.0.0.1:8412", "http://127.0.0.1:8413/v1/notifications/certs/CERT-1", False),
        ("http://127.0.0.1:8412", "https://api.paypal.com/v1/notifications/certs/CERT-1", False),
    ],
)
def test_certificates_are_fetched_from_paypals_hosts_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, base: str, address: str, believed: bool
):
    monkeypatch.setenv("SHOP_PAYPAL_API_BASE", base)
    settings.cache_clear()
    try:
        if believed:
            check_address(address)
        else:
            with pytest.raises(NotFromProvider):
                check_address(address)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def _chain(identity: Identity) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(identity.chain.encode())


def _root(identity: Identity) -> x509.Certificate:
    return x509.load_pem_x509_certificate(identity.root.encode())


def test_a_certificate_is_believed_when_a_known_authority_gave_it_to_paypal():
    identity, now = make_identity(), datetime.now(UTC)
    check_chain(_chain(identity), [_root(identity)], now)
    with pytest.raises(NotFromProvider, match="authority"):
        check_chain(_chain(identity), [_root(make_identity())], now)
    with pytest.raises(NotFromProvider, match="authority"):
        check_chain(_chain(identity)[:1], [_root(identity)], now)
    with pytest.raises(NotFromProvider, match="authority"):
        check_chain(_chain(identity), [_root(identity)], now + timedelta(days=400))


@pytest.mark.parametrize(
    "name", ["attacker.example", "paypal.com.attacker.example", "notpaypal.com", "www.paypal.comm"]
)
def test_a_certificate_of_somebody_else_is_not_believed(name: str):
    identity = make_identity(name)
    with pytest.raises(NotFromProvider, match="not PayPal's"):
        check_chain(_chain(identity), [_root(identity)], datetime.now(UTC))
