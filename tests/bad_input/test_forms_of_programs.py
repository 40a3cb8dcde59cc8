"""The OAuth 2.0 endpoints, which programs send forms to: whatever stands in these, the answer is one of RFC 6749's."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.bad_input.account_things import CLIENT_ID, PROGRAM
from tests.bad_input.answers import TRACE
from tests.bad_input.extent import UNSTORABLE, part
from tests.bad_input.people import Shop

CREDENTIALS = {"client_id": str(CLIENT_ID), "client_secret": "secret"}
TOKEN = {"token": "x", "token_type_hint": "refresh_token", **CREDENTIALS}
FORMS = {
    "code": (
        "/oauth/token",
        {
            "grant_type": "authorization_code",
            "code": "x",
            "redirect_uri": PROGRAM,
            "code_verifier": "v" * 43,
            **CREDENTIALS,
        },
    ),
    "client": ("/oauth/token", {"grant_type": "client_credentials", "scope": "profile.read", **CREDENTIALS}),
    "refresh": ("/oauth/token", {"grant_type": "refresh_token", "refresh_token": "x", "scope": "", **CREDENTIALS}),
    "revoke": ("/oauth/revoke", TOKEN),
    "introspect": ("/oauth/introspect", TOKEN),
}


@pytest.mark.parametrize("form", FORMS)
async def test_in_every_field(shop: Shop, strings: list[str], form: str, nothing_changes: Callable[..., Any]) -> None:
    path, fields = FORMS[form]
    for name in fields:
        for string in (*part(strings, 20, (form, name)), *UNSTORABLE):
            await _is_answered(shop, path, {**fields, name: string}, {})
    async with nothing_changes("a program that nobody knows"):
        for string in (*part(strings, 20, form), *UNSTORABLE):
            basic = base64.b64encode(f"{string}:{string}".encode()).decode()
            without = {key: value for key, value in fields.items() if key not in CREDENTIALS}
            await _is_answered(shop, path, without, {"Authorization": f"Basic {basic}"})


@pytest.mark.parametrize("form", FORMS)
async def test_a_field_twice(shop: Shop, form: str) -> None:
    """Which of the two would count? RFC 6749 (3.2) lets neither."""
    path, fields = FORMS[form]
    for name in fields:
        answer = await shop.api.post(path, data={**fields, name: [fields[name], "other"]})
        assert answer.status_code in {400, 401}, f"{name} twice: {answer.text}"


async def _is_answered(shop: Shop, path: str, fields: dict[str, str], headers: dict[str, str]) -> None:
    answer = await shop.api.post(path, data=fields, headers=headers)
    too_large = 431 if headers else 413
    assert answer.status_code in {200, 400, 401, too_large}, f"{fields}: {answer.status_code} {answer.text}"
    assert not TRACE.search(answer.text)
    if answer.status_code in {400, 401}:
        assert answer.headers["cache-control"] == "no-store"
        assert set(answer.json()) >= {"error"}, answer.text


async def test_the_forms_around_the_bad_input_are_good(shop: Shop) -> None:
    """Else all of it would be refused for something else: client and secret are right."""
    for form in ("revoke", "introspect"):
        path, fields = FORMS[form]
        answer = await shop.api.post(path, data=fields)
        assert answer.status_code == 200, answer.text
    for form, why in {"code": "invalid_grant", "refresh": "invalid_grant", "client": "unauthorized_client"}.items():
        path, fields = FORMS[form]
        assert (await shop.api.post(path, data=fields)).json()["error"] == why
