"""Addresses as they are written, and as they are counted."""

import pytest

from shop.kernel.http.networks import concealed, network_of, parsed


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("unknown", None),
        ("_hidden", None),
        ("", None),
        ("198.51.100.256", None),
        ("198.51.100.7, 10.0.0.1", None),
        ("<script>", None),
    ],
)
def test_an_address_is_read_however_proxies_write_it(written: str, address: str | None) -> None:
    found = parsed(written)
    assert (str(found) if found else None) == address


def test_a_customer_of_ipv6_is_one_visitor_with_all_addresses_of_the_own_network() -> None:
    one, other = network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert one == other == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != one


def test_ipv4_and_names_are_counted_as_they_are() -> None:
    assert network_of("198.51.100.7") == "198.51.100.7"
    assert network_of("::ffff:198.51.100.7") == "198.51.100.7"
    assert network_of("ada@example.com") == "ada@example.com"
    assert network_of("no: address") == "no: address"


def test_a_concealed_address_tells_nothing_and_stays_the_same() -> None:
    assert concealed("198.51.100.7") == concealed("198.51.100.7") != concealed("198.51.100.8")
    assert len(concealed("x" * 10_000)) == 24
    assert concealed("\udcff") != concealed("?")
