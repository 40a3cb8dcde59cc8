"""The forms of an account without JavaScript: what they show, keep, refuse and lead to."""

import re
from html.parser import HTMLParser

import pytest

from shop.contracts.identity import AccountLinks, Accounts, AccountSignedUp, EmailVerified, PasswordChanged
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import NotFound
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from shop.modules.identity.service.sign_up import sign_up
from tests.factories.identity import AUTH, PASSWORD, hash_of, make_account, mint, sign_in_browser

ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Lovelace"}


class Page(HTMLParser):
    """The inputs of a page by name, and the actions of its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.forms: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "input":
            self.inputs[dict(attrs).get("name") or ""] = dict(attrs)
        if tag == "form":
            self.forms.append(dict(attrs))


async def test_signing_up_leads_to_the_word_that_a_mail_is_on_its_way(client, facts, rows):
    answer = await client.post("/signup", data=ADA)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signup/sent")
    assert "Check your mail" in (await client.get("/signup/sent")).text
    [account] = await rows("account")
    assert facts == [AccountSignedUp(account_id=account.id)]


async def test_the_page_answers_the_same_for_a_known_address(client):
    await make_account()
    answers = []
    for who in ("ada", "new"):
        client.cookies.clear()
        answers.append(await client.post("/signup", data={**ADA, "email": f"{who}@example.com"}))
    assert {(answer.status_code, answer.headers["location"], answer.text) for answer in answers} == {
        (303, "/signup/sent", answers[0].text)
    }


async def test_a_form_with_mistakes_comes_back_as_it_was_with_a_word_at_each_field(client, rows):
    answer = await client.post("/signup", data={"email": "ada at example", "password": "short", "name": "Ada"})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.inputs["email"]["value"] == "ada at example"
    assert page.inputs["name"]["value"] == "Ada"
    assert page.inputs["password"]["value"] == ""
    assert {name for name, each in page.inputs.items() if each.get("aria-invalid")} == {"email", "password"}
    assert await rows("account") == []


async def test_an_empty_form_names_every_field(client):
    page = Page((await client.post("/signup", data={})).text)
    assert {name for name, each in page.inputs.items() if each.get("aria-invalid")} == {"email", "password", "name"}


async def test_what_a_stranger_types_is_shown_as_text_never_as_markup(client):
    nasty = '"><script>alert(1)</script>'
    for path in ("/signup", "/signin", "/forgot"):
        answer = await client.post(path, data={"email": nasty, "name": nasty, "password": "x", "next": nasty})
        assert "<script>alert" not in answer.text


async def test_a_password_may_begin_and_end_with_a_space_on_pages_as_in_the_api(client):
    password = "  spaces around  "
    await client.post("/signup", data={**ADA, "password": password})
    client.cookies.clear()
    await client.post("/signup", data={**ADA, "email": "grace@example.com", "password": password})
    client.cookies.clear()
    account_id = await make_account("linus@example.com", verified=False)
    await client.post(f"/reset/{await mint('reset', account_id)}", data={"password": password})
    for given, expected in ((password, 200), (password.strip(), 401)):
        answer = await client.post(f"{AUTH}/signin", json={"email": "linus@example.com", "password": given})
        assert answer.status_code == expected


async def test_opening_the_link_of_the_mail_changes_nothing_and_its_button_confirms(client, facts, rows):
    account_id = await make_account(verified=False)
    path = f"/verify/{await mint('verify', account_id)}"
    for _ in range(3):
        page = await client.get(path)
        assert page.status_code == 200
        assert {"action": path, "method": "post"}.items() <= Page(page.text).forms[-1].items()
    assert ((await rows("account"))[0].verified_at, facts) == (None, [])
    answer = await client.post(path, data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert facts == [EmailVerified(account_id=account_id)]
    assert "Your e-mail address is confirmed" in (await client.get("/signin")).text


async def test_a_used_link_says_so_and_what_to_do(client):
    path = f"/verify/{await mint('verify', await make_account(verified=False))}"
    await client.post(path, data={"password": PASSWORD})
    client.cookies.clear()
    for answer in (await client.get(path), await client.post(path)):
        assert answer.status_code == 404
        assert "This link no longer works" in answer.text


async def test_confirming_signs_nobody_in(client):
    """The browser that opens the link need not be that of whoever chose the password."""
    path = f"/verify/{await mint('verify', await make_account(verified=False))}"
    await client.post(path, data={"password": PASSWORD})
    assert (await client.get("/account")).status_code == 303


async def test_the_browser_that_signed_up_confirms_by_one_click(client, rows):
    await client.post("/signup", data=ADA)
    [account] = await rows("account")
    path = f"/verify/{await mint('verify', account.id)}"
    page = await client.get(path)
    assert "Password" not in page.text
    assert (await client.post(path, data={"csrf_token": token_in(page.text)})).status_code == 303
    assert (await rows("account"))[0].verified_at is not None


@pytest.mark.parametrize("typed", ["", "a guess of the owner's"])
async def test_who_opened_an_account_with_a_strangers_address_does_not_get_it_by_the_strangers_click(
    client, rows, typed
):
    mallorys = await make_account(verified=False)
    path = f"/verify/{await mint('verify', mallorys)}"
    answer = await client.post(path, data={"password": typed})
    assert answer.status_code == 422
    assert "/forgot" in answer.text
    assert (await rows("account"))[0].verified_at is None


async def test_an_account_opened_again_by_a_stranger_is_not_confirmed_by_the_first_ones_click(client, rows):
    await client.post("/signup", data=ADA)
    await write(sign_up, ADA["email"], "Mallory", hash_of("the password of mallory"))
    [account] = await rows("account")
    path = f"/verify/{await mint('verify', account.id)}"
    answer = await client.post(path, data={"csrf_token": token_in((await client.get(path)).text)})
    assert answer.status_code == 422
    assert (await rows("account"))[0].verified_at is None


def token_in(page: str) -> str:
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def test_a_link_is_not_used_by_a_form_of_another_site(client, rows):
    path = f"/verify/{await mint('verify', await make_account(verified=False))}"
    assert (await client.post(path, headers={"origin": "https://evil.example"})).status_code == 403
    assert (await rows("account"))[0].verified_at is None


async def test_a_forgotten_password_is_replaced_by_the_link_of_the_mail(client, facts):
    account_id = await make_account()
    asked = await client.post("/forgot", data={"email": "ada@example.com"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/forgot/sent")
    path = f"/reset/{await mint('reset', account_id)}"
    assert (await client.get(path)).status_code == 200
    facts.clear()
    answer = await client.post(path, data={"password": "a brand new password"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert facts == [PasswordChanged(account_id=account_id)]
    assert "Your password is changed" in (await client.get("/signin")).text
    assert (await client.get(path)).status_code == 404


async def test_asking_for_a_link_answers_the_same_for_an_unknown_address(client):
    await make_account()
    answers = [await client.post("/forgot", data={"email": f"{who}@example.com"}) for who in ("ada", "nobody")]
    assert {(answer.status_code, answer.headers["location"], answer.text) for answer in answers} == {
        (303, "/forgot/sent", answers[0].text)
    }


async def test_a_new_password_that_is_too_short_is_asked_for_again(client, facts):
    path = f"/reset/{await mint('reset', await make_account())}"
    answer = await client.post(path, data={"password": "short"})
    assert answer.status_code == 422
    assert "At least 8 characters" in answer.text
    assert facts == []


async def test_resetting_signs_this_browser_out_as_well(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    path = f"/reset/{await mint('reset', account_id)}"
    token = Page((await client.get(path)).text).inputs["csrf_token"]["value"]
    assert (await client.post(path, data={"password": "a brand new password", "csrf_token": token})).status_code == 303
    assert (await client.get("/account")).status_code == 303


@pytest.mark.parametrize("path", ["/verify/x", "/reset/x", "/reset/" + "a" * 3000, "/verify/%F0%9F%98%80"])
async def test_a_made_up_link_is_told_kindly(client, path):
    assert (await client.get(path)).status_code == 404
    assert (await client.post(path, data={"password": "long enough"})).status_code == 404


async def test_the_account_page_is_for_whoever_is_signed_in(client):
    answer = await client.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Faccount")


async def test_the_account_page_greets_by_name_and_is_kept_by_no_cache(client):
    await sign_in_browser(client, await make_account(name="Ada <b>Lovelace</b>"))
    answer = await client.get("/account")
    assert "Hello, Ada &lt;b&gt;Lovelace&lt;/b&gt;" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert 'href="/admin"' not in answer.text


async def test_staff_find_the_way_to_the_back_office(client):
    await sign_in_browser(client, await make_account(permissions=("*",)))
    assert 'href="/admin"' in (await client.get("/account")).text


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/account", "/account"),
        ("/account/security/app", "/account/security"),
        ("/account/password", "/account/security"),
        ("/account/email", "/account/security"),
        ("/account/close", "/account/privacy"),
    ],
)
async def test_the_menu_shows_where_one_is(client, path, entry):
    await sign_in_browser(client, await make_account())
    page = (await client.get(path, follow_redirects=True)).text
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == [entry]


async def test_links_in_mails_begin_with_the_public_address(db):
    account_id = await make_account()
    for mint_link, path in (("mint_verify_link", "/verify/"), ("mint_reset_link", "/reset/")):
        link = await write(getattr(port(AccountLinks), mint_link), account_id)
        assert link.startswith(f"{settings().public_url}{path}")


async def test_no_link_is_made_for_an_account_that_is_gone(db, rows):
    with pytest.raises(NotFound):
        await write(port(AccountLinks).mint_reset_link, new_id())
    assert await rows("mail_link") == []


async def test_accounts_are_found_in_one_statement_and_the_missing_are_left_out(db, record_statements):
    ada, staff = await make_account(), await make_account("s@example.com", permissions=("*",), verified=False)
    with record_statements() as sent:
        found = await read(port(Accounts).find_accounts, [ada, staff, new_id()])
        assert await read(port(Accounts).find_accounts, []) == {}
    assert len(sent) == 1
    assert set(found) == {ada, staff}
    assert (found[ada].email, found[ada].verified, found[ada].is_staff) == ("ada@example.com", True, False)
    assert (found[staff].verified, found[staff].is_staff) == (False, True)
