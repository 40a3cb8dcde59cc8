"""Every way into an account is as strong as the others: none goes round the second factor, none takes a weaker password, and
from each page behind them leads a way out."""

from typing import Any

import httpx
import pytest

from shop.kernel.config import settings
from shop.modules.identity import credentials
from shop.modules.identity.passwords import Verdict
from tests.attacks.estate import Estate
from tests.attacks.routes import Route
from tests.bad_input.forms import Routes, all_forms
from tests.conftest import new_client
from tests.factories.identity import AUTH, mint

NEW = "quite another battery of horses"


@pytest.fixture
def any_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is typed is right, at once: it is what comes after it that is tried."""

    async def checked(password: str, stored: str | None) -> Verdict:
        return Verdict(right=stored is not None)

    monkeypatch.setattr(credentials, "check_password", checked)


async def test_no_way_in_goes_round_the_second_factor(estate: Estate, any_password: None) -> None:
    """The customer has a passkey: neither password nor a link to reset it opens anything alone."""
    body = {"email": "customer@example.com", "password": NEW}
    answer = await estate.api.post(f"{AUTH}/signin", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "code_required")
    link = {"token": await mint("reset", estate.customer), "password": NEW}
    answer = await estate.api.post(f"{AUTH}/password/reset", json=link)
    assert answer.status_code == 200, answer.text
    assert "access_token" not in answer.text
    answer = await estate.api.post(f"{AUTH}/signin", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "code_required")
    async with new_client(estate.gateway) as browser:
        page = await browser.post(f"/reset/{await mint('reset', estate.customer)}", data={"password": NEW})
        assert page.status_code == 303, page.text
        assert (await browser.get("/account")).headers["location"].startswith("/signin")
    async with new_client(estate.gateway) as browser:
        answer = await browser.post("/signin", data=body)
        assert answer.headers["location"] == "/signin/code"
        for path in ("/account", "/account/orders", "/account/security", "/account/confirm", "/oauth/authorize"):
            assert (await browser.get(path)).status_code != 200, path


def guessable(local: str) -> tuple[str, ...]:
    shop = settings().name
    return (shop, f"{shop}1", f"{shop.upper()}!", "Lovelace", "lovelace1", "Ada Lovelace", local, f"{local}1234")


async def test_words_that_anybody_could_guess_make_no_password(estate: Estate) -> None:
    """The shop's name, the person's own, their address: at sign-up, at a reset, at a change."""
    for password in guessable("customer"):
        if len(password) < 8:
            continue
        sign_up = {"email": "customer@new.example", "password": password, "name": "Ada Lovelace"}
        link = {"token": await mint("reset", estate.customer), "password": password}
        change = {"password": password, "current_password": "whatever"}
        for path, body, headers in (
            (f"{AUTH}/signup", sign_up, {}),
            (f"{AUTH}/password/reset", link, {}),
            ("/api/v1/me/password", change, estate.headers["customer"]),
        ):
            answer = await estate.api.post(path, json=body, headers=headers)
            assert answer.status_code == 422, f"{path} takes {password!r}: {answer.text}"
            assert [error["field"] for error in answer.json()["errors"]] == ["password"], answer.text


async def test_passwords_that_everybody_uses_are_refused_wherever_one_is_chosen(estate: Estate) -> None:
    for password in ("password", "12345678", "qwertyuiop", "iloveyou1", "football1"):
        sign_up = {"email": "new@example.com", "password": password, "name": "Grace Hopper"}
        link = {"token": await mint("reset", estate.customer), "password": password}
        for path, body in ((f"{AUTH}/signup", sign_up), (f"{AUTH}/password/reset", link)):
            answer = await estate.api.post(path, json=body)
            assert answer.status_code == 422, f"{path} takes {password!r}"


async def test_a_password_of_any_characters_is_taken(estate: Estate) -> None:
    """No rules of composition: letters alone, digits alone, blanks, other scripts, long ones."""
    for n, password in enumerate(
        ("onlysmalllettersx", "730174917340", "        x", "пароль из слов", "🦊🦉🐝🐢🦔🐙🦆🐞", "w" * 64 + " x")
    ):
        body = {"email": f"any{n}@example.org", "password": password, "name": "Grace Hopper"}
        answer = await estate.api.post(f"{AUTH}/signup", json=body)
        assert answer.status_code == 202, f"{password!r}: {answer.text}"


async def test_password_fields_are_masked_and_open_to_password_managers(estate: Estate, routes: Routes) -> None:
    found = 0
    for form in await all_forms(estate, routes):
        for name in form.names:
            if "password" in name:
                assert form.kinds[name] == "password", f"{name} of {form}"
                page = await estate.browsers[form.who].get(form.page)
                field = (
                    page.text.partition(f'name="{name}"')[0].rpartition("<")[2]
                    + page.text.partition(f'name="{name}"')[2].partition(">")[0]
                )
                assert "current-password" in field or "new-password" in field, f"{form}: {field}"
                assert "onpaste" not in page.text
                found += 1
    assert found >= 3


ONE_QUESTION = {"/account/confirm", "/change-email/{token:str}", "/oauth/authorize"}
"""Pages with nothing but a question on the way to another; their frame leads to the account."""


async def test_from_every_page_of_an_account_leads_a_way_out(estate: Estate, every_route: list[Route]) -> None:
    looked = 0
    for route in every_route:
        if route.changes or route.is_api or route.rule.kind not in {"customer", "staff"} or route.path in ONE_QUESTION:
            continue
        url = route.url(await estate.values(route))
        who = "staff" if route.rule.kind == "staff" else "customer"
        answer: httpx.Response = await estate.browsers[who].get(url)
        if answer.status_code == 200 and "<main" in answer.text:
            out = "/admin/signout" if route.path.startswith("/admin") else "/signout"
            assert f'action="{out}"' in answer.text, f"no way to sign out on {route}"
            looked += 1
    assert looked > 15


def told(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


async def test_there_is_no_account_that_everybody_knows(estate: Estate) -> None:
    """No name comes with a password of its own: what opens nothing answers as an unknown address does."""
    answers = []
    for email in ("admin@example.com", "root@localhost.example", "test@example.com", "sa@example.com"):
        for password in ("admin", "adminadmin123", "password", "changeme"):
            answer = await estate.api.post(f"{AUTH}/signin", json={"email": email, "password": password})
            assert answer.status_code == 401
            answers.append(told(answer))
    assert all(each == answers[0] for each in answers)
