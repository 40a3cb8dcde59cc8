"""Providers that an owner adds to the account from within, and removes again."""

import asyncio

from shop.contracts.identity import FactorsChanged
from tests.conftest import as_owner, new_client
from tests.factories.federation import begin_to_link, come_back, csrf_of, way_out
from tests.factories.identity import make_account, sign_in_browser


async def test_an_owner_links_from_within_whatever_address_the_provider_knows(client, gateway, club, rows, facts):
    account_id = await make_account(permissions=("orders.view",))
    await sign_in_browser(client, account_id)
    club.behave(user={"sub": "248289761001", "email": "private@example.com", "email_verified": False})
    answer = await client.get(club.sign_in(way_out(await begin_to_link(client))))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")
    assert facts == [FactorsChanged(account_id=account_id, change="provider_added")]
    async with new_client(gateway) as phone:
        assert (await come_back(phone, club)).headers["location"] == "/admin"


async def test_linking_asks_to_confirm_first(client, club):
    await sign_in_browser(client, await make_account())
    as_owner("update identity.session set signed_in_at = now() - interval '16 minutes'")
    answer = await begin_to_link(client)
    assert answer.status_code in {303, 403}
    assert club.counts["description"] == 0


async def test_what_opens_one_account_is_not_added_to_another(client, gateway, club, rows):
    await come_back(client, club)
    async with new_client(gateway) as other:
        await sign_in_browser(other, await make_account("grace@example.com"))
        await other.get(club.sign_in(way_out(await begin_to_link(other))))
        assert "You sign in to another account of ours" in (await other.get("/account/security")).text
    assert len(await rows("federated_identity")) == 1


async def test_a_link_that_one_began_is_not_finished_for_another(client, club, rows):
    """Signed out and in as somebody else on the way."""
    ada, grace = await make_account(), await make_account("grace@example.com")
    await sign_in_browser(client, ada)
    back = club.sign_in(way_out(await begin_to_link(client)))
    as_owner(f"update identity.session set account_id = '{grace}'")
    assert (await client.get(back)).status_code == 400
    assert await rows("federated_identity") == []


async def unlink(client):
    data = {"csrf_token": await csrf_of(client, "/account/security")}
    await client.post("/account/security/providers/club/remove", data=data)
    return (await client.get("/account/security")).text


async def test_the_last_way_in_can_not_be_removed(client, club, rows):
    await come_back(client, club)
    assert "You would lock yourself out" in await unlink(client)
    assert len(await rows("federated_identity")) == 1


async def test_with_a_password_it_can(client, gateway, club, rows, facts):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    await client.get(club.sign_in(way_out(await begin_to_link(client))))
    assert "Removed" in await unlink(client)
    assert await rows("federated_identity") == []
    assert facts[-1] == FactorsChanged(account_id=account_id, change="provider_removed")


async def test_two_removals_at_once_leave_a_way_in(client, club, rows):
    await come_back(client, club)
    [account] = await rows("account")
    as_owner(
        "insert into identity.federated_identity (issuer, subject, account_id, provider, created_at)"
        f" values ('https://other.example', 'x', '{account.id}', 'other', now())"
    )
    token = await csrf_of(client, "/account/security")
    paths = [f"/account/security/providers/{name}/remove" for name in ("club", "other")]
    await asyncio.gather(*(client.post(path, data={"csrf_token": token}) for path in paths))
    assert len(await rows("federated_identity")) == 1
