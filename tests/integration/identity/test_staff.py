"""Who runs the shop: invited, given roles, let go; nobody gains or loses rights by another way."""

import asyncio
import re

import pytest
from sqlalchemy import text

from shop.kernel.db import read, sql, write
from shop.kernel.http.sessions import Principal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.errors import LastOwner
from shop.modules.identity.repository import accounts
from shop.modules.identity.roles import BUILT_IN
from shop.modules.identity.rules import STAFF_SESSION_AGE
from shop.modules.identity.service import staff_members
from shop.modules.identity.service.sign_up import sign_up
from tests.factories.identity import AUTH, PASSWORD, bearer, hash_of, make_account, mint, sign_in_browser

STAFF = "/api/v1/admin/staff"
ROLES = "/api/v1/admin/roles"
SAME_SITE = {"sec-fetch-site": "same-origin"}
INVITED = {"email": "bo@example.com", "name": "Bo", "roles": ["orders"]}


@pytest.fixture
async def boss(client):
    return await bearer(await make_account("owner@example.com", roles=("owner",)))


async def invitation_of(rows, email="bo@example.com"):
    [account] = [row for row in await rows("account") if row.email == email]
    return account.id, await mint("invite", account.id)


async def principal(account_id):
    me = await read(accounts.find_me, account_id)
    assert me is not None
    return me


async def test_an_invited_member_chooses_a_password_and_has_the_role(client, boss, rows, facts):
    answer = await client.post(STAFF, headers=boss, json=INVITED)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["roles"], answer.json()["joined"]) == (["orders"], False)
    assert [type(fact).__name__ for fact in facts] == ["StaffInvited"]
    account_id, token = await invitation_of(rows)
    assert "Welcome behind the counter" in (await client.get(f"/invite/{token}")).text
    done = await client.post(f"/invite/{token}", data={"password": "a long new password"}, headers=SAME_SITE)
    assert (done.status_code, done.headers["location"]) == (303, "/signin?next=/admin")
    body = {"email": "bo@example.com", "password": "a long new password"}
    assert (await client.post(f"{AUTH}/signin", json=body)).status_code == 200
    assert "orders.view" in (await principal(account_id)).permissions
    assert (await client.get(f"/invite/{token}")).status_code == 404


async def test_an_invitation_taken_up_by_many_at_once_works_once(client, boss, rows):
    await client.post(STAFF, headers=boss, json=INVITED)
    account_id, token = await invitation_of(rows)
    hashes = [hash_of(f"the password number {n}") for n in range(4)]
    done = await asyncio.gather(
        *(write(staff_members.accept_invitation, token, hashed) for hashed in hashes), return_exceptions=True
    )
    assert [type(each).__name__ for each in done].count("NoneType") == 1
    [account] = [row for row in await rows("account") if row.id == account_id]
    assert account.password_hash in hashes


async def test_invitations_sent_before_the_one_that_is_taken_up_choose_no_password_any_more(client, boss, rows):
    await client.post(STAFF, headers=boss, json=INVITED)
    _, first = await invitation_of(rows)
    await client.post(STAFF, headers=boss, json=INVITED)
    account_id, second = await invitation_of(rows)
    await write(staff_members.accept_invitation, second, hash_of())
    await client.post(f"/invite/{first}", data={"password": "a long strange password"}, headers=SAME_SITE)
    [account] = [row for row in await rows("account") if row.id == account_id]
    assert account.password_hash == hash_of()


async def test_a_password_changed_over_the_api_lets_staff_stay_no_longer_than_a_sign_in(client, boss, rows):
    body = {"password": "another long password", "current_password": PASSWORD}
    assert (await client.post("/api/v1/me/password", headers=boss, json=body)).status_code == 200
    [family] = await rows("token_family")
    assert family.expires_at - family.created_at == STAFF_SESSION_AGE


async def test_before_an_invitation_is_accepted_nobody_comes_in(client, boss, rows):
    await client.post(STAFF, headers=boss, json=INVITED)
    body = {"email": "bo@example.com", "password": PASSWORD}
    assert (await client.post(f"{AUTH}/signin", json=body)).status_code == 401


async def test_who_signed_up_with_a_strangers_address_gains_nothing_when_it_is_invited(client, boss, rows):
    await write(sign_up, "bo@example.com", "Mallory", hash_of())
    await mint("verify", next(row.id for row in await rows("account") if row.email == "bo@example.com"))
    await client.post(STAFF, headers=boss, json=INVITED)
    [account] = [row for row in await rows("account") if row.email == "bo@example.com"]
    assert account.password_hash is None
    assert [link.purpose for link in await rows("mail_link")] == []


async def test_who_signs_up_in_place_of_an_invited_member_gains_nothing(client, boss, rows, facts):
    await client.post(STAFF, headers=boss, json=INVITED)
    await write(sign_up, "bo@example.com", "Mallory", hash_of())
    [account] = [row for row in await rows("account") if row.email == "bo@example.com"]
    assert (account.password_hash, account.name) == (None, "Bo")
    assert type(facts[-1]).__name__ == "SignUpRepeated"


async def test_a_customer_who_is_made_staff_signs_in_again(client, boss, rows):
    customer = await make_account("bo@example.com")
    before = await bearer(customer)
    assert (await client.post(STAFF, headers=boss, json=INVITED)).status_code == 201
    assert (await client.get("/api/v1/me", headers=before)).status_code == 401
    assert "orders.view" in (await principal(customer)).permissions


async def test_roles_are_changed_and_hold_from_the_next_sign_in(client, boss):
    bo = await make_account("bo@example.com", roles=("orders",))
    before = await bearer(bo)
    answer = await client.patch(f"{STAFF}/{bo}", headers=boss, json={"roles": ["catalogue"]})
    assert answer.status_code == 200, answer.text
    assert (await client.get("/api/v1/me", headers=before)).status_code == 401
    after = await bearer(bo)
    assert (await client.get("/api/v1/admin/orders", headers=after)).status_code == 403
    assert (await client.get("/admin/products", headers=after)).status_code in {303, 403}


async def test_nobody_gives_or_takes_rights_beyond_their_own(client, rows):
    manager = await bearer(
        await make_account("m@example.com", permissions=("staff.view", "staff.manage", "orders.view"))
    )
    top = await make_account("boss@example.com", roles=("owner",))
    for call in (
        client.post(STAFF, headers=manager, json={**INVITED, "roles": ["owner"]}),
        client.patch(f"{STAFF}/{top}", headers=manager, json={"roles": []}),
        client.post(ROLES, headers=manager, json={"code": "big", "title": "Big", "permissions": ["products.edit"]}),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (403, "rights_exceeded")
    assert {row.email for row in await rows("account")} == {"m@example.com", "boss@example.com"}
    assert await rows("role") != []
    assert {row.code for row in await rows("role")} == {row.role for row in await rows("account_role")} - {"owner"}


async def test_nobody_changes_their_own_rights(client, rows):
    one = await make_account("one@example.com", roles=("owner",))
    await make_account("two@example.com", roles=("owner",))
    answer = await client.patch(f"{STAFF}/{one}", headers=await bearer(one), json={"roles": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "own_rights")
    assert len(await rows("account_role")) == 2


async def test_two_owners_who_remove_each_other_leave_one(db, rows):
    one = await make_account("one@example.com", roles=("owner",))
    two = await make_account("two@example.com", roles=("owner",))
    givers = {who: await _as_giver(who) for who in (one, two)}
    done = await asyncio.gather(
        write(staff_members.set_roles, givers[one], two, ()),
        write(staff_members.set_roles, givers[two], one, ()),
        return_exceptions=True,
    )
    assert [type(each) for each in done if each is not None] == [LastOwner]
    assert len(await rows("account_role")) == 1


async def _as_giver(account_id):
    me = await principal(account_id)
    return Principal(me.id, me.email, me.name, is_staff=True, permissions=frozenset(me.permissions), strong=True)


async def test_rights_are_given_only_by_who_has_just_signed_in(client, rows):
    owner_id = await make_account("owner@example.com", roles=("owner",))
    headers = await bearer(owner_id)

    async def sixteen_minutes_pass(uow: UnitOfWork) -> None:
        await sql(uow).execute(text("update identity.token_family set signed_in_at = now() - interval '16 minutes'"))
        uow.invalidate(f"account:{owner_id}")

    await write(sixteen_minutes_pass)
    answer = await client.post(STAFF, headers=headers, json=INVITED)
    assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
    assert len(await rows("account")) == 1


async def test_a_role_of_ones_own_is_made_changed_and_deleted(client, boss, rows):
    role = {"code": "night-shift", "title": "Night shift", "permissions": ["orders.view", "backoffice.view"]}
    assert (await client.post(ROLES, headers=boss, json=role)).status_code == 201
    again = await client.post(ROLES, headers=boss, json=role)
    assert (again.status_code, again.json()["code"]) == (409, "role_exists")
    bo = await make_account("bo@example.com", roles=("night-shift",))
    headers = await bearer(bo)
    assert (await client.get("/api/v1/admin/orders", headers=headers)).status_code == 200
    change = {"title": "Night shift", "permissions": ["stock.view"]}
    assert (await client.put(f"{ROLES}/night-shift", headers=boss, json=change)).status_code == 200
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    assert (await principal(bo)).permissions == ("stock.view",)
    in_use = await client.delete(f"{ROLES}/night-shift", headers=boss)
    assert (in_use.status_code, in_use.json()["code"]) == (409, "role_in_use")
    await client.patch(f"{STAFF}/{bo}", headers=boss, json={"roles": []})
    assert (await client.delete(f"{ROLES}/night-shift", headers=boss)).status_code == 204
    assert await rows("role") == []


@pytest.mark.parametrize(
    ("role", "field"),
    [
        ({"code": "x", "title": "T", "permissions": ["orders.view"]}, "code"),
        ({"code": "good", "title": "", "permissions": ["orders.view"]}, "title"),
        ({"code": "good", "title": "T", "permissions": []}, "permissions"),
        ({"code": "good", "title": "T", "permissions": ["no.such"]}, "permissions"),
        ({"code": "good", "title": "T", "permissions": ["*"]}, "permissions.[0]"),
    ],
)
async def test_a_role_that_makes_no_sense_is_refused_by_field(client, boss, rows, role, field):
    answer = await client.post(ROLES, headers=boss, json=role)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await rows("role") == []


@pytest.mark.parametrize("code", sorted(BUILT_IN))
async def test_built_in_roles_stay_as_they_are(client, boss, code):
    change = {"title": "Mine", "permissions": ["stock.view"]}
    assert (await client.put(f"{ROLES}/{code}", headers=boss, json=change)).status_code == 404
    assert (await client.delete(f"{ROLES}/{code}", headers=boss)).status_code == 404


async def test_the_pages_do_what_the_api_does(client, rows, drain_outbox):
    await sign_in_browser(client, await make_account("owner@example.com", roles=("owner",)))
    page = (await client.get("/admin/staff")).text
    fields = {"email": "bo@example.com", "name": "Bo", "csrf_token": token_in(page)}
    refused = await client.post("/admin/staff", data=fields, headers=SAME_SITE)
    assert refused.status_code == 422
    assert "Choose at least one role" in refused.text
    invited = await client.post("/admin/staff", data={**fields, "role.orders": "on"}, headers=SAME_SITE)
    assert invited.status_code == 303, invited.text
    await drain_outbox()
    assert "Invited" in (await client.get("/admin/staff")).text
    bo = next(row.id for row in await rows("account") if row.email == "bo@example.com")
    member = f"/admin/staff/{bo}"
    roles = {"role.viewer": "on", "csrf_token": token_in(page)}
    assert (await client.post(f"{member}/roles", data=roles, headers=SAME_SITE)).status_code == 303
    assert [row.role for row in await rows("account_role") if row.account_id == bo] == ["viewer"]
    assert (await client.post(f"{member}/remove", data=roles, headers=SAME_SITE)).status_code == 303
    assert (await client.get(member)).status_code == 404


async def test_roles_are_made_and_changed_on_their_pages(client, rows):
    await sign_in_browser(client, await make_account("owner@example.com", roles=("owner",)))
    page = (await client.get("/admin/roles")).text
    assert "Order desk" in page
    token = {"csrf_token": token_in(page)}
    role = {"code": "night-shift", "title": "Night shift", "permission.orders.view": "on", **token}
    made = await client.post("/admin/roles", data=role, headers=SAME_SITE)
    assert (made.status_code, made.headers["location"]) == (303, "/admin/roles/night-shift")
    change = {"title": "Nights", "permission.stock.view": "on", **token}
    assert (await client.post("/admin/roles/night-shift", data=change, headers=SAME_SITE)).status_code == 303
    assert [(row.title, row.permissions) for row in await rows("role")] == [("Nights", ["stock.view"])]
    assert "Nights" in (await client.get("/admin/roles/night-shift")).text
    gone = await client.post("/admin/roles/night-shift/delete", data=token, headers=SAME_SITE)
    assert gone.status_code == 303
    assert (await client.get("/admin/roles/night-shift")).status_code == 404


async def test_those_who_may_only_look_get_no_forms(client):
    await sign_in_browser(client, await make_account("v@example.com", permissions=("staff.view", "backoffice.view")))
    assert "Send the invitation" not in (await client.get("/admin/staff")).text
    assert "Make the role" not in (await client.get("/admin/roles")).text
    assert (await client.post("/admin/staff", data=INVITED, headers=SAME_SITE)).status_code == 403


async def test_every_change_leaves_its_entry_in_the_audit_log(client, boss):
    await client.post(STAFF, headers=boss, json=INVITED)
    await client.post(ROLES, headers=boss, json={"code": "mine", "title": "Mine", "permissions": ["stock.view"]})

    async def entries(uow: UnitOfWork) -> list[str]:
        return [
            row.action for row in await sql(uow).execute(text("select action from backoffice.audit_entry order by id"))
        ]

    assert await read(entries) == ["staff.invited", "role.made"]


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


async def test_a_colleague_who_lost_every_factor_gets_a_fresh_start(client, rows):
    await sign_in_browser(client, await make_account("owner@example.com", roles=("owner",)))
    bo = await make_account("bo@example.com", roles=("orders",))
    headers = await bearer(bo)

    async def app(uow: UnitOfWork) -> None:
        values = {"id": bo, "secret": b"sealed"}
        statement = "insert into identity.totp (account_id, secret, confirmed_at, created_at) values (:id, :secret, now(), now())"
        await sql(uow).execute(text(statement), values)

    await write(app)
    page = (await client.get(f"/admin/staff/{bo}")).text
    assert "Remove their second factors" in page
    answer = await client.post(f"/admin/staff/{bo}/factors", data={"csrf_token": token_in(page)}, headers=SAME_SITE)
    assert answer.status_code == 303
    assert await rows("totp") == []
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401


async def test_second_factors_of_those_who_may_more_stay(client, rows):
    await sign_in_browser(client, await make_account("m@example.com", permissions=("staff.view", "staff.manage")))
    top = await make_account("top@example.com", roles=("owner",))
    token = token_in((await client.get("/admin/staff")).text)
    answer = await client.post(f"/admin/staff/{top}/factors", data={"csrf_token": token}, headers=SAME_SITE)
    assert answer.status_code == 403
