"""Who a visitor is behind proxies: what trusted ones tell counts, what anybody else claims does not."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from shop.kernel.http.arrival import Call
from shop.kernel.http.proxies import TrustedProxies

PROXIES = "127.0.0.1, 172.16.0.0/12, 2001:db8:ffff::/48"


def call(peer: str, *headers: tuple[bytes, bytes]) -> Call:
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "scheme": "http",
        "headers": list(headers),
        "client": (peer, 4711),
    }
    return Call(scope)


def visitor(peer: str, *forwarded_for: str, proxies: str = PROXIES) -> str:
    asked = call(peer, *((b"x-forwarded-for", each.encode()) for each in forwarded_for))
    TrustedProxies(proxies).believe(asked)
    return asked.peer


@pytest.mark.parametrize(
    ("forwarded_for", "expected"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["198.51.100.1, 198.51.100.7, 172.20.0.2"], "198.51.100.7"),  # the last that no proxy of ours added
        (["203.0.113.9, 198.51.100.7"], "198.51.100.7"),  # the visitor wrote the first
        (["203.0.113.9", "198.51.100.7"], "198.51.100.7"),  # in two headers
        (["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["[2001:db8::7]:443"], "2001:db8::7"),
        (["198.51.100.7, 2001:db8:ffff::5"], "198.51.100.7"),
        (["172.20.0.2"], "172.20.0.2"),  # one of ours asks
        (["evil, 172.20.0.2"], "172.20.0.2"),  # nothing that can be read beyond it
        (["evil"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_tells_who_the_visitor_is(forwarded_for: list[str], expected: str) -> None:
    assert visitor("127.0.0.1", *forwarded_for) == expected


def test_anybody_else_could_claim_to_be_anyone() -> None:
    assert visitor("198.51.100.9", "203.0.113.9") == "198.51.100.9"
    assert visitor("127.0.0.1", "203.0.113.9", proxies="") == "127.0.0.1"
    assert visitor("2001:db8::9", "203.0.113.9") == "2001:db8::9"


def test_a_proxy_that_is_reached_by_ipv6_dress_is_the_same_proxy() -> None:
    assert visitor("::ffff:172.20.0.2", "198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize(
    ("peer", "proto", "scheme"),
    [
        ("127.0.0.1", b"https", "https"),
        ("127.0.0.1", b"http", "http"),
        ("127.0.0.1", b"javascript", "http"),
        ("127.0.0.1", b"https, http", "http"),
        ("198.51.100.9", b"https", "http"),
    ],
)
def test_the_scheme_is_believed_of_them_alone(peer: str, proto: bytes, scheme: str) -> None:
    asked = call(peer, (b"x-forwarded-proto", proto))
    TrustedProxies(PROXIES).believe(asked)
    assert asked.scope["scheme"] == scheme


def test_a_neighbour_that_forwards_and_is_not_trusted_is_told_of_once() -> None:
    proxies = TrustedProxies("")
    with capture_logs() as logs:
        for peer in ("8.8.8.8", "172.18.0.3", "172.18.0.3"):
            proxies.believe(call(peer, (b"x-forwarded-for", b"203.0.113.9")))
    assert [(each["event"], each["peer"]) for each in logs] == [("proxy_not_trusted", "172.18.0.3")]
    assert "SHOP_TRUSTED_PROXIES=172.18.0.3" in logs[0]["mend"]
