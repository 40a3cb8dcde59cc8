"""Moving to another e-mail address: who may ask, what the new and the old address are told, and how it is undone."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from shop.contracts.identity import EmailChanged, EmailChangeHindered, EmailChangeRequested, PasswordResetRequested
from shop.kernel import clock
from shop.kernel.db import read, sql
from shop.modules.identity.rules import token_hash
from shop.modules.identity.service import change_email
from tests.conftest import as_owner, new_client
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, mint, sign_in_browser

EMAIL = "/api/v1/me/email"


async def csrf_of(client, path) -> str:
    return (await client.get(path)).text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


@pytest.fixture
def mails(drain_outbox):
    """`await mails()`: (template, to, text) of all that were written, oldest first."""

    async def find():
        await drain_outbox()

        async def select(uow):
            rows = await sql(uow).execute(
                text("select template, to_address, text from notifications.message order by id")
            )
            return [tuple(row) for row in rows.all()]

        return await read(select)

    return find


async def ask(client, headers, email="ada@new.example"):
    return await client.post(EMAIL, json={"email": email}, headers=headers)


async def use(client, link):
    """By the form on its page: who asked for a change must be signed in, an undoing asks for nothing but the link."""
    client.cookies.clear()
    if not link.startswith("/change-email/"):
        return await client.post(link)
    await sign_in_browser(client, await asker_of(link))
    answer = await client.post(link, data={"csrf_token": await csrf_of(client, "/account")})
    client.cookies.clear()
    return answer


async def asker_of(link):
    async def select(uow):
        hashed = token_hash(link.rsplit("/", 1)[1])
        statement = (
            "select a.id from identity.account a left join identity.mail_link l on l.account_id = a.id"
            " and l.token_hash = :hash order by l.token_hash is null, a.created_at limit 1"
        )
        return (await sql(uow).execute(text(statement), {"hash": hashed})).scalar_one()

    return await read(select)


async def link_to(mails, template, to) -> str:
    found = [body for name, recipient, body in await mails() if (name, recipient) == (template, to)]
    assert found, await mails()
    return re.search(r"http://testserver(/\S+)", found[-1])[1]


async def address_of(rows, account_id) -> str:
    return next(row.email for row in await rows("account") if row.id == account_id)


async def sign_in(client, email) -> int:
    return (await client.post(f"{AUTH}/signin", json={"email": email, "password": PASSWORD})).status_code


async def test_the_link_in_the_mail_to_the_new_address_makes_the_change(client, facts, rows, mails):
    account_id = await make_account()
    answer = await ask(client, await bearer(account_id))
    assert answer.status_code == 202
    assert [type(fact) for fact in facts] == [EmailChangeRequested]
    assert await address_of(rows, account_id) == "ada@example.com"
    link = await link_to(mails, "change_email", "ada@new.example")
    await sign_in_browser(client, account_id)
    opened = await client.get(link)
    assert "ada@new.example" in opened.text
    assert await address_of(rows, account_id) == "ada@example.com"
    assert (await use(client, link)).status_code == 303
    assert await address_of(rows, account_id) == "ada@new.example"
    assert [type(fact) for fact in facts if type(fact) in {EmailChanged, EmailChangeRequested}] == [
        EmailChangeRequested,
        EmailChanged,
    ]
    assert (await sign_in(client, "ada@example.com"), await sign_in(client, "ada@new.example")) == (401, 200)
    assert (await use(client, link)).status_code == 404


async def test_the_old_address_is_told_once_it_has_changed(client, mails):
    await ask(client, await bearer(await make_account()))
    link = await link_to(mails, "change_email", "ada@new.example")
    assert [to for _, to, _ in await mails()] == ["ada@new.example"]
    await use(client, link)
    told = [(template, to) for template, to, _ in await mails()]
    assert told == [("change_email", "ada@new.example"), ("email_changed", "ada@example.com")]


async def test_who_asked_for_a_strangers_address_does_not_get_it_by_the_strangers_click(client, rows, mails):
    mallory = await make_account("mallory@evil.example")
    await ask(client, await bearer(mallory), "ada@new.example")
    link = await link_to(mails, "change_email", "ada@new.example")
    client.cookies.clear()
    for seen in (await client.get(link), await client.post(link)):
        assert (seen.status_code, seen.headers["location"].split("?")[0]) == (303, "/signin")
    await sign_in_browser(client, await make_account("ada@example.com"))
    answer = await client.post(link, data={"csrf_token": await csrf_of(client, "/account")})
    assert answer.status_code == 404
    assert await address_of(rows, mallory) == "mallory@evil.example"


async def test_the_page_does_the_same(client, facts):
    await sign_in_browser(client, await make_account())
    form = {"email": "ada@new.example", "csrf_token": await csrf_of(client, "/account/email")}
    answer = await client.post("/account/email", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/email/sent")
    assert [type(fact) for fact in facts] == [EmailChangeRequested]


async def test_a_session_left_open_is_not_enough(client, facts):
    account_id = await make_account()
    headers = await bearer(account_id)
    await sign_in_browser(client, account_id)
    token = await csrf_of(client, "/account")
    as_owner("update identity.token_family set signed_in_at = now() - interval '16 minutes'")
    as_owner("update identity.session set signed_in_at = now() - interval '16 minutes'")
    answer = await ask(client, headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
    form = {"email": "ada@new.example", "csrf_token": token}
    assert (await client.post("/account/email", data=form)).status_code in {303, 403}
    assert facts == []


async def test_the_answer_is_the_same_for_an_address_that_has_an_account_whose_owner_is_told(client, facts, mails):
    other = await make_account("grace@example.com")
    headers = await bearer(await make_account())
    answers = [await ask(client, headers, email) for email in ("grace@example.com", "nobody@example.com")]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert min(answer.elapsed.total_seconds() for answer in answers) >= 0.15
    assert facts[0] == EmailChangeHindered(account_id=other)
    assert ("email_wanted", "grace@example.com") in [(template, to) for template, to, _ in await mails()]


async def test_no_event_row_or_log_of_it_holds_an_address_or_a_token(client, mails, rows):
    await ask(client, await bearer(await make_account()), "canary@new.example")
    link = await link_to(mails, "change_email", "canary@new.example")

    async def outbox(uow):
        found = await sql(uow).execute(text("select payload::text || coalesce(last_error, '') from kernel.outbox"))
        return " ".join(row[0] for row in found.all())

    assert "canary" not in await read(outbox)
    token = link.rsplit("/", 1)[1]
    assert len(token) == 32
    assert token not in str(await rows("mail_link"))


async def test_the_link_works_for_an_hour(client, rows, mails):
    account_id = await make_account()
    await ask(client, await bearer(account_id))
    link = await link_to(mails, "change_email", "ada@new.example")
    with clock.shifted(timedelta(minutes=61)):
        assert (await use(client, link)).status_code == 404
    assert await address_of(rows, account_id) == "ada@example.com"


async def test_only_the_newest_wish_counts(client, rows, mails):
    account_id = await make_account()
    headers = await bearer(account_id)
    await ask(client, headers, "first@new.example")
    first = await link_to(mails, "change_email", "first@new.example")
    await ask(client, headers, "second@new.example")
    assert (await use(client, first)).status_code == 404
    await use(client, await link_to(mails, "change_email", "second@new.example"))
    assert await address_of(rows, account_id) == "second@new.example"


async def test_a_link_used_twenty_times_at_once_works_once(client, facts, mails):
    account_id = await make_account()
    await ask(client, await bearer(account_id))
    link = await link_to(mails, "change_email", "ada@new.example")
    await sign_in_browser(client, account_id)
    form = {"csrf_token": await csrf_of(client, "/account")}
    answers = await asyncio.gather(*(client.post(link, data=form) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers)[:2] == [303, 404]
    assert len([fact for fact in facts if isinstance(fact, EmailChanged)]) == 1


async def test_two_accounts_that_move_to_one_address_at_once_end_with_one_there(client, gateway, rows, mails):
    accounts = [await make_account(), await make_account("grace@example.com")]
    links = []
    for account_id in accounts:
        await ask(client, await bearer(account_id), "both@new.example")
        links.append(await link_to(mails, "change_email", "both@new.example"))

    async def confirm(account_id, link):
        async with new_client(gateway) as browser:
            await sign_in_browser(browser, account_id)
            return await browser.post(link, data={"csrf_token": await csrf_of(browser, "/account")})

    answers = await asyncio.gather(*map(confirm, accounts, links))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert sorted(row.email for row in await rows("account")).count("both@new.example") == 1
    assert len(await rows("account")) == 2


async def test_an_account_never_confirmed_gives_way_to_who_reads_the_mail(client, rows, mails):
    await make_account("ada@new.example", verified=False)
    account_id = await make_account()
    await ask(client, await bearer(account_id))
    await use(client, await link_to(mails, "change_email", "ada@new.example"))
    assert [(row.id, row.email) for row in await rows("account")] == [(account_id, "ada@new.example")]


async def test_another_way_to_write_the_own_address_is_no_other_account(client, rows, mails):
    account_id = await make_account()
    headers = await bearer(account_id)
    assert (await ask(client, headers, "ada@example.com")).status_code == 422
    assert (await ask(client, headers, "Ada@example.com")).status_code == 202
    await use(client, await link_to(mails, "change_email", "Ada@example.com"))
    assert await address_of(rows, account_id) == "Ada@example.com"


async def test_links_sent_to_the_old_address_open_nothing_any_more(client, mails):
    account_id = await make_account()
    reset = await mint("reset", account_id)
    await ask(client, await bearer(account_id))
    await use(client, await link_to(mails, "change_email", "ada@new.example"))
    assert (await client.get(f"/reset/{reset}")).status_code == 404


async def move(client, mails, account_id, email, old) -> str:
    """The link that undoes it."""
    await ask(client, await bearer(account_id), email)
    await use(client, await link_to(mails, "change_email", email))
    return await link_to(mails, "email_changed", old)


async def test_the_old_address_takes_the_account_back(client, gateway, facts, rows, mails):
    account_id = await make_account()
    undo = await move(client, mails, account_id, "mallory@evil.example", "ada@example.com")
    thief = await bearer(account_id)
    async with new_client(gateway) as browser:
        await sign_in_browser(browser, account_id)
        assert "ada@example.com" in (await client.get(undo)).text
        assert (await use(client, undo)).status_code == 303
        assert (await browser.get("/account")).status_code == 303
    assert (await client.get("/api/v1/me", headers=thief)).status_code == 401
    assert await address_of(rows, account_id) == "ada@example.com"
    assert [await sign_in(client, email) for email in ("mallory@evil.example", "ada@example.com")] == [401, 401]
    assert PasswordResetRequested(account_id=account_id) in facts
    reset = await link_to(mails, "reset_password", "ada@example.com")
    client.cookies.clear()
    await client.post(reset, data={"password": "a brand new password"})
    answer = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": "a brand new password"})
    assert answer.status_code == 200


async def test_ways_in_that_were_added_about_the_change_go_and_older_ones_stay(client, rows, mails):
    account_id = await make_account()
    for subject, age in (("old", "9 days"), ("thief", "3 days")):
        as_owner(
            "insert into identity.federated_identity (issuer, subject, account_id, provider, created_at)"
            f" values ('https://id.example', '{subject}', '{account_id}', 'example', now() - interval '{age}')"
        )
    await use(client, await move(client, mails, account_id, "mallory@evil.example", "ada@example.com"))
    assert [row.subject for row in await rows("federated_identity")] == ["old"]


async def test_a_password_changed_after_the_address_does_not_keep_the_owner_out(client, rows, mails):
    account_id = await make_account()
    undo = await move(client, mails, account_id, "mallory@evil.example", "ada@example.com")
    body = {"current_password": PASSWORD, "password": "the thief's own words"}
    changed = await client.post("/api/v1/me/password", json=body, headers=await bearer(account_id))
    assert changed.status_code == 200
    assert (await use(client, undo)).status_code == 303
    assert await address_of(rows, account_id) == "ada@example.com"


async def test_who_moved_on_can_still_be_undone_and_can_not_undo_that(client, rows, mails):
    account_id = await make_account()
    owners = await move(client, mails, account_id, "first@evil.example", "ada@example.com")
    thiefs = await move(client, mails, account_id, "second@evil.example", "first@evil.example")
    assert (await use(client, owners)).status_code == 303
    assert (await use(client, thiefs)).status_code == 404
    assert await address_of(rows, account_id) == "ada@example.com"


async def test_undoing_works_for_seven_days(client, rows, mails):
    account_id = await make_account()
    undo = await move(client, mails, account_id, "ada@new.example", "ada@example.com")
    with clock.shifted(timedelta(days=7, minutes=1)):
        assert (await use(client, undo)).status_code == 404
    with clock.shifted(timedelta(days=6, hours=23)):
        assert (await use(client, undo)).status_code == 303
    assert await address_of(rows, account_id) == "ada@example.com"


async def test_a_link_for_one_purpose_does_nothing_for_another(client, rows, mails):
    account_id = await make_account()
    undo = await move(client, mails, account_id, "ada@new.example", "ada@example.com")
    token = undo.rsplit("/", 1)[1]
    for path in ("change-email", "reset", "verify"):
        client.cookies.clear()
        await sign_in_browser(client, account_id)
        form = {"password": "a brand new password", "csrf_token": await csrf_of(client, "/account")}
        answer = await client.post(f"/{path}/{token}", data=form)
        assert answer.status_code == 404
    assert await address_of(rows, account_id) == "ada@new.example"


async def test_a_link_whose_mail_was_never_written_has_no_token(client, rows):
    await ask(client, await bearer(await make_account()))
    [link] = await rows("mail_link")
    assert link.pending_id is not None
    for made_up in (str(link.pending_id), link.token_hash.hex(), ""):
        assert await read(change_email.find_wanted, made_up, "change_email") is None


async def test_pages_of_secret_links_tell_nobody_where_the_visitor_came_from(client, mails):
    account_id = await make_account()
    undo = await move(client, mails, account_id, "ada@new.example", "ada@example.com")
    reset, verify = await mint("reset", account_id), await mint("verify", account_id)
    await sign_in_browser(client, account_id)
    for path in (undo, f"/reset/{reset}", f"/verify/{verify}", "/reset/none", "/verify/none", "/change-email/none"):
        answer = await client.get(path)
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"], path


async def test_a_form_of_such_a_page_is_known_as_our_own_by_its_site_alone(client, gateway):
    token = await mint("reset", await make_account())
    async with new_client(gateway) as browser:
        browser.headers["origin"] = "null"
        for site, status in ((None, 403), ("cross-site", 403), ("same-site", 403), ("same-origin", 303)):
            headers = {} if site is None else {"sec-fetch-site": site}
            answer = await browser.post(f"/reset/{token}", data={"password": "a brand new password"}, headers=headers)
            assert answer.status_code == status, site
