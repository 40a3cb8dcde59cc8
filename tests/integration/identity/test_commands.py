"""`shop admin ...` as whoever runs the shop types it, in a process of its own."""

import asyncio
import json
import subprocess

import pytest
from argon2 import PasswordHasher

from shop.kernel.db import write
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository import staff as staff_rows
from shop.modules.identity.service import staff
from tests.factories.identity import AUTH, PASSWORD, bearer, hash_of, make_account
from tests.fakes import terminal

pytestmark = pytest.mark.usefixtures("db")


async def shop(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(terminal.shop, *words, **settings)


async def test_the_first_administrator_is_made_with_a_password_that_works(client, rows):
    done = await shop("admin", "create", "--json", SHOP_ADMIN_EMAIL="boss@example.com")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout.strip().splitlines()[-1])
    assert (made["email"], made["created"], len(made["password"])) == ("boss@example.com", True, 19)
    answer = await client.post(f"{AUTH}/signin", json={"email": made["email"], "password": made["password"]})
    assert answer.status_code == 200
    [account] = await rows("account")
    assert account.is_staff
    assert [(each.account_id, each.role) for each in await rows("account_role")] == [(account.id, "owner")]


async def test_the_password_may_be_chosen_and_a_second_run_changes_nothing(rows):
    first = await shop("admin", "create", "--json", SHOP_ADMIN_PASSWORD="chosen by the merchant")
    before = await rows("account")
    second = await shop("admin", "create", "--json", SHOP_ADMIN_EMAIL="other@example.com")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert json.loads(first.stdout)["password"] == "chosen by the merchant"
    assert json.loads(second.stdout) == {"email": "admin@example.com", "password": None, "created": False}
    assert await rows("account") == before
    PasswordHasher().verify(before[0].password_hash, "chosen by the merchant")


async def test_two_shops_that_start_at_once_make_one_administrator(rows, monkeypatch):
    look = staff_rows.find_first_staff

    async def look_and_dawdle(uow: UnitOfWork) -> str | None:
        found = await look(uow)
        await asyncio.sleep(0.2)
        return found

    monkeypatch.setattr(staff_rows, "find_first_staff", look_and_dawdle)
    made = await asyncio.gather(*(write(staff.create_owner, f"boss{n}@example.com", hash_of()) for n in (1, 2)))
    assert sorted(made) == [False, True]
    assert len(await rows("account")) == 1


async def test_a_customer_of_that_address_becomes_the_administrator(client, rows):
    account_id = await make_account("admin@example.com", verified=False)
    done = await shop("admin", "create", "--json")
    assert done.returncode == 0, done.stderr
    [account] = await rows("account")
    assert (account.id, account.is_staff) == (account_id, True)
    assert [(each.account_id, each.role) for each in await rows("account_role")] == [(account_id, "owner")]
    body = {"email": "admin@example.com", "password": json.loads(done.stdout)["password"]}
    assert (await client.post(f"{AUTH}/signin", json=body)).status_code == 200


async def test_a_password_that_is_too_short_is_refused_in_words(rows):
    done = await shop("admin", "create", SHOP_ADMIN_PASSWORD="short")
    assert done.returncode == 1
    assert "SHOP_ADMIN_PASSWORD: 8 to 256 characters" in done.stderr
    assert await rows("account") == []


async def test_a_fresh_password_ends_what_the_old_one_opened(client):
    headers = await bearer(await make_account(permissions=("*",)))
    done = await shop("admin", "password", "ADA@example.com")
    assert done.returncode == 0, done.stderr
    fresh = done.stdout.split()[-1]
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    old, new = [
        await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": password})
        for password in (PASSWORD, fresh)
    ]
    assert (old.status_code, new.status_code) == (401, 200)


async def test_an_unknown_address_is_told_to_whoever_runs_the_shop():
    done = await shop("admin", "password", "nobody@example.com")
    assert done.returncode == 1
    assert "There is no account with the address nobody@example.com" in done.stderr
