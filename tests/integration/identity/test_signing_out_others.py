"""Staff end what a customer or a colleague is signed in by, where somebody else may be in; the account stays."""

import pytest

from tests.conftest import as_owner, new_client
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, sign_in_browser
from tests.factories.oauth import csrf_in, signed_in_a_while_ago

AUDIT = "/api/v1/admin/audit"


@pytest.fixture
async def ada(db):
    return await make_account()


@pytest.fixture
async def boss(db):
    return await make_account("boss@example.com", roles=("owner",))


async def actions_on(client, account_id, headers) -> list[str]:
    log = await client.get(f"{AUDIT}?subject={account_id}", headers=headers)
    return [entry["action"] for entry in log.json()["items"]]


async def make_key(client, account_id) -> dict[str, str]:
    wanted = {"name": "Printer", "scopes": ["profile.read"]}
    made = await client.post("/api/v1/me/api-keys", json=wanted, headers=await bearer(account_id))
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['key']}"}


async def ways_in(client, gateway, account_id, sign_out) -> list[int]:
    """What a browser, tokens and an API key of the account are answered, before and after `sign_out`."""
    key, tokens = await make_key(client, account_id), await bearer(account_id)
    async with new_client(gateway) as browser:
        await sign_in_browser(browser, account_id)

        async def answers() -> list[int]:
            told = [(await client.get("/api/v1/me", headers=headers)).status_code for headers in (key, tokens)]
            return [*told, (await browser.get("/account")).status_code]

        before = await answers()
        await sign_out()
        return before + await answers()


@pytest.mark.parametrize("by_page", [True, False])
async def test_staff_sign_a_customer_out_everywhere_and_leave_the_account(client, gateway, ada, boss, by_page):
    headers, hers = await bearer(boss), await bearer(await make_account("grace@example.com"))

    async def sign_out():
        if by_page:
            await sign_in_browser(client, boss)
            page = await client.get(f"/admin/customers/{ada}")
            assert "Sign them out" in page.text
            form = {"csrf_token": csrf_in(page.text)}
            answer = await client.post(f"/admin/customers/{ada}/signout", data=form)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/customers/{ada}")
        else:
            answer = await client.delete(f"/api/v1/admin/customers/{ada}/sessions", headers=headers)
            assert answer.status_code == 204

    assert await ways_in(client, gateway, ada, sign_out) == [200, 200, 200, 401, 401, 303]
    assert await actions_on(client, ada, headers) == ["customer.signed_out"]
    assert (await client.get("/api/v1/me", headers=hers)).status_code == 200
    again = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})
    assert again.status_code == 200


@pytest.mark.parametrize("by_page", [True, False])
async def test_staff_sign_a_colleague_out_everywhere(client, gateway, boss, by_page):
    bo = await make_account("bo@example.com", roles=("orders",))
    headers = await bearer(boss)

    async def sign_out():
        if by_page:
            await sign_in_browser(client, boss)
            page = await client.get(f"/admin/staff/{bo}")
            assert "Sign them out" in page.text
            answer = await client.post(f"/admin/staff/{bo}/signout", data={"csrf_token": csrf_in(page.text)})
            assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/staff/{bo}")
        else:
            assert (await client.delete(f"/api/v1/admin/staff/{bo}/sessions", headers=headers)).status_code == 204

    assert await ways_in(client, gateway, bo, sign_out) == [200, 200, 200, 401, 401, 303]
    assert (await actions_on(client, bo, headers))[0] == "staff.signed_out"
    member = (await client.get("/api/v1/admin/staff", headers=headers)).json()["items"]
    assert next(each["roles"] for each in member if each["email"] == "bo@example.com") == ["orders"]


async def test_nobody_signs_out_who_may_more_or_is_not_of_that_kind_or_not_there(client, ada, boss):
    manager = await make_account("m@example.com", permissions=("staff.manage", "customers.manage"))
    bo = await make_account("bo@example.com", roles=("orders",))
    headers, theirs = await bearer(manager), await bearer(boss)
    for path, status in (
        (f"staff/{boss}", 403),
        (f"staff/{bo}", 403),
        (f"staff/{manager}", 409),
        (f"staff/{ada}", 404),
        (f"customers/{boss}", 404),
        (f"customers/{bo}", 404),
    ):
        answer = await client.delete(f"/api/v1/admin/{path}/sessions", headers=headers)
        assert answer.status_code == status, path
    assert (await client.get("/api/v1/me", headers=theirs)).status_code == 200
    as_owner(f"update identity.account set closed_at = now() where id = '{ada}'")
    assert (await client.delete(f"/api/v1/admin/customers/{ada}/sessions", headers=headers)).status_code == 404


async def test_only_who_has_just_confirmed_signs_others_out(client, ada, boss):
    hers = await bearer(ada)
    async with signed_in_a_while_ago(client, "boss@example.com") as headers:
        for path in (f"customers/{ada}", f"staff/{boss}"):
            answer = await client.delete(f"/api/v1/admin/{path}/sessions", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "confirmation_required")
    assert (await client.get("/api/v1/me", headers=hers)).status_code == 200
