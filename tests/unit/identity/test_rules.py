"""What identity decides without asking anybody."""

import re

import pytest

from shop.modules.identity.rules import local_path, password_bytes, readable_password, token_hash


@pytest.mark.parametrize("target", ["/", "/account", "/account/orders?page=2", "/p/a-b_c~d?x=%20y#z"])
def test_a_path_on_this_site_is_followed_after_signing_in(target):
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "account",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\\b",
        "/ /evil.example",
        "/é",
        "/" + "a" * 4000,
    ],
)
def test_nothing_that_could_lead_to_another_site_is_followed(target):
    assert local_path(target) is None


def test_a_password_is_the_same_however_a_keyboard_composes_its_letters():
    assert password_bytes("cafe\u0301") == password_bytes("caf\u00e9")


def test_a_random_password_can_be_read_out_and_differs_each_time():
    made = {readable_password() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}", each) for each in made)


def test_what_is_stored_of_a_token_has_one_length_whatever_a_client_sends():
    assert {len(token_hash(token)) for token in ("", "a", "\ud800", "x" * 5000)} == {32}
