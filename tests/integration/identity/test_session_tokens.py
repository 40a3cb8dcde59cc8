"""Sessions under another token, sessions that end under way, and how many a stranger may begin."""

import asyncio
import secrets
from datetime import timedelta

import pytest

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import NotSignedIn
from shop.kernel.http import sessions as kernel_sessions
from shop.kernel.http.sessions import SCOPE_KEY, Session, SessionStore, keep_session
from shop.kernel.ports import port
from shop.modules.identity.jobs import purge_expired
from shop.modules.identity.service import sessions
from tests.conftest import new_client
from tests.factories.identity import make_account, sign_in_browser


async def load(token):
    return await read(port(SessionStore).load_session, token)


async def test_a_rotated_session_is_the_same_under_another_token(client, rows):
    token = await sign_in_browser(client, await make_account(), {"orders": ["one"]}, strong=False)
    before = await load(token)
    with clock.shifted(timedelta(minutes=20)):
        fresh = await write(sessions.rotate, token, methods=("otp",), strong=True)
        assert await load(token) is None
        after = await load(fresh)
    assert after.principal.session_id == before.principal.session_id
    assert (before.principal.strong, after.principal.strong) == (False, True)
    assert after.principal.signed_in_at - before.principal.signed_in_at >= timedelta(minutes=20)
    assert after.data == before.data
    [session] = await rows("session")
    assert session.methods == ["password", "otp"]


async def test_rotating_without_a_proof_confirms_nothing_and_loses_nothing(client):
    token = await sign_in_browser(client, await make_account(), strong=True)
    before = (await load(token)).principal
    with clock.shifted(timedelta(minutes=20)):
        after = (await load(await write(sessions.rotate, token))).principal
    assert (after.signed_in_at, after.strong) == (before.signed_in_at, True)


async def test_confirming_again_and_again_makes_no_session_live_longer(client):
    token = await sign_in_browser(client, await make_account(permissions=("orders.view",)))
    for hours in range(8, 7 * 24, 8):
        with clock.shifted(timedelta(hours=hours)):
            token = await write(sessions.rotate, token, methods=("password",))
    with clock.shifted(timedelta(days=7, minutes=1)):
        assert await load(token) is None


async def test_of_two_rotations_at_once_one_gets_the_session(client, rows):
    token = await sign_in_browser(client, await make_account())
    got = await asyncio.gather(*(write(sessions.rotate, token) for _ in range(5)), return_exceptions=True)
    assert len([each for each in got if isinstance(each, str)]) == 1
    assert [type(each) for each in got if not isinstance(each, str)] == [NotSignedIn] * 4
    assert len(await rows("session")) == 1


@pytest.mark.parametrize("token", ["made-up", ""])
async def test_what_is_no_session_is_not_rotated_into_one(db, rows, token):
    with pytest.raises(NotSignedIn):
        await write(sessions.rotate, token, methods=("password",), strong=True)
    assert await rows("session") == []


async def test_a_guest_becomes_nobody_by_rotating(db, rows):
    token = await write(port(SessionStore).save_session, None, {"cart": "abc"})
    with pytest.raises(NotSignedIn):
        await write(sessions.rotate, token, methods=("password",), strong=True)
    assert (await load(token)).principal is None


async def test_a_guests_request_under_way_while_they_sign_in_leaves_them_signed_in(client, rows):
    """It loaded the guest's session, they signed in, then it saves: a guest's cookie over the fresh one would sign them out."""
    guest = await write(port(SessionStore).save_session, None, {"cart": "abc"})
    session = Session(await load(guest))
    await write(port(SessionStore).end_session, guest)
    session["cart"] = "changed"
    assert await keep_session({SCOPE_KEY: session, "client": ("127.0.0.1", 1)}) is None
    assert await rows("session") == []


async def test_a_stranger_begins_only_so_many_sessions_and_others_are_not_hindered(
    client, gateway, rate_limits, rows, monkeypatch
):
    monkeypatch.setattr(kernel_sessions, "BEGUN_PER_HOUR", 5)
    here, there = (
        f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1" for _ in range(2)
    )  # counts last an hour
    kept = [await begin(here) for _ in range(8)]
    assert [cookie is not None for cookie in kept] == [True] * 5 + [False] * 3
    assert await begin(there) is not None
    assert len(await rows("session")) == 6


async def begin(address):
    session = Session(None)
    session["cart"] = "abc"
    return await keep_session({SCOPE_KEY: session, "client": (address, 1)})


async def test_who_has_a_session_is_not_counted(client, gateway, rate_limits, monkeypatch):
    monkeypatch.setattr(kernel_sessions, "BEGUN_PER_HOUR", 0)
    async with new_client(gateway) as browser:
        await sign_in_browser(browser, await make_account())
        page = (await browser.get("/account")).text
        token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
        await browser.post("/account", data={"name": "Ada King", "csrf_token": token})
        assert "Your details are saved" in (await browser.get("/account")).text


async def test_sessions_of_staff_that_are_over_are_purged_and_those_of_customers_stay(client, gateway, rows):
    customer = await make_account("grace@example.com")
    await sign_in_browser(client, await make_account(permissions=("orders.view",)))
    await sign_in_browser(client, customer)
    with clock.shifted(timedelta(hours=13)):
        await purge_expired()
    assert [row.account_id for row in await rows("session")] == [customer]
