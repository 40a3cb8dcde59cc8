"""Which passwords may be chosen: none that breaches have made known, none that is little more than somebody's name."""

import pytest

from shop.kernel.errors import Invalid
from shop.modules.identity import breached_passwords
from shop.modules.identity.breached_passwords import BUCKETS, LIST, encoded, is_breached
from shop.modules.identity.passwords import check_new_password

ADA = {"email": "ada.lovelace@analytical.example", "name": "Ada Lovelace"}


@pytest.mark.parametrize(
    "password",
    ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "baseball", "１２３４５６７８"],
)
def test_what_breaches_have_made_known_is_refused_in_any_case(password):
    with pytest.raises(Invalid) as refusal:
        check_new_password(password)
    assert [error.field for error in refusal.value.errors] == ["password"]
    assert "breaches" in refusal.value.errors[0].message


@pytest.mark.parametrize(
    "password", ["correct horse battery", "merianin surinam", "ßßßßßßßß", "пароль и слова", "🦄🦄🦄🦄🦄🦄🦄🦄"]
)
def test_others_are_taken(password):
    check_new_password(password, **ADA)


@pytest.mark.parametrize(
    "password",
    ["ada.lovelace", "Lovelace1815", "lovelace!!!!", "FERNWEH goods", "fernweh-2026", "analytical1", "AdaLovelace99"],
)
def test_little_more_than_a_name_an_address_or_the_shop_is_refused(password):
    with pytest.raises(Invalid) as refusal:
        check_new_password(password, **ADA)
    assert "too close" in refusal.value.errors[0].message


def test_a_name_among_other_words_is_no_fault():
    check_new_password("lovelace wrote the first program", **ADA)


def test_the_list_is_large_and_read_once():
    count = (LIST.stat().st_size - BUCKETS) // breached_passwords.KEPT_BYTES
    assert count > 400_000
    is_breached("password")
    assert breached_passwords._buckets() is breached_passwords._buckets()


def test_a_list_finds_all_that_is_in_it_and_nothing_else(tmp_path, monkeypatch):
    known = [f"number {number}" for number in range(3000)]
    path = tmp_path / "list.bin"
    path.write_bytes(encoded([*known, "short", *known]))
    monkeypatch.setattr(breached_passwords, "LIST", path)
    breached_passwords._buckets.cache_clear()
    try:
        assert all(is_breached(each.upper()) for each in known)
        assert not any(is_breached(f"other {number}") for number in range(3000))
        assert not is_breached("short")
        assert path.stat().st_size == BUCKETS + breached_passwords.KEPT_BYTES * len(known)
    finally:
        breached_passwords._buckets.cache_clear()
