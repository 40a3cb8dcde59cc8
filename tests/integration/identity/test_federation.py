"""Signing in by an identity provider that is a real one in a process of its own: which account that opens, what is asked of
the provider's answers, and what an attacker in its place, or between, gets."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from shop.contracts.identity import EmailVerified, FactorsChanged
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.modules.identity.service import consents
from tests.conftest import as_owner, new_client
from tests.factories.federation import START, come_back, csrf_of, leave
from tests.factories.identity import make_account, mint


async def is_signed_in(client) -> bool:
    return (await client.get("/account")).status_code == 200


async def test_the_buttons_stand_where_people_sign_in_and_up(client, club):
    for path in ("/signin", "/signup"):
        assert "Continue with the Club" in (await client.get(path)).text


async def test_without_providers_there_is_no_button_and_no_way(client):
    assert "Continue with" not in (await client.get("/signin")).text
    assert (await client.post(START)).status_code == 404
    assert (await client.get(f"{START}/callback?code=x&state=y")).status_code == 404


async def test_the_way_out_carries_what_the_protocol_asks_for(client, club):
    asked = {name: values[0] for name, values in parse_qs(urlsplit(await leave(client)).query).items()}
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"http://testserver{START}/callback"
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert min(len(asked["state"]), len(asked["nonce"]), len(asked["code_challenge"])) >= 32


async def test_two_ways_out_have_nothing_in_common(client, club):
    first, second = [parse_qs(urlsplit(await leave(client)).query) for _ in range(2)]
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


async def test_somebody_new_gets_an_account_without_a_password(client, club, rows, facts):
    answer = await come_back(client, club)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await is_signed_in(client)
    [account] = await rows("account")
    assert (account.email, account.name, account.password_hash) == ("ada@example.com", "Ada Lovelace", None)
    assert account.verified_at is not None
    [session] = [row for row in await rows("session") if row.account_id is not None]
    assert (session.methods, session.strong) == (["oidc"], False)
    assert facts == [EmailVerified(account_id=account.id)]


async def test_somebody_known_gets_in_again_whatever_address_the_provider_has_now(client, gateway, club, rows):
    await come_back(client, club)
    club.behave(user={"sub": "248289761001", "email": "other@example.com", "email_verified": False})
    async with new_client(gateway) as phone:
        assert (await come_back(phone, club)).status_code == 303
        assert await is_signed_in(phone)
    assert len(await rows("account")) == 1


async def test_it_goes_on_to_where_the_visitor_was_going_on_this_site_alone(client, gateway, club):
    assert (await come_back(client, club, next="/account/orders")).headers["location"] == "/account/orders"
    async with new_client(gateway) as other:
        assert (await come_back(other, club, next="//evil.example")).headers["location"] == "/account"


async def test_the_guests_things_come_along_under_another_token(client, club, rows):
    url = await leave(client)
    before = client.cookies["shop_session"]
    await client.get(club.sign_in(url))
    assert client.cookies["shop_session"] != before
    assert len(await rows("session")) == 1


async def test_a_confirmed_address_links_the_account_and_its_owner_is_told(client, club, rows, facts):
    account_id = await make_account()
    assert (await come_back(client, club)).status_code == 303
    assert [row.account_id for row in await rows("federated_identity")] == [account_id]
    assert facts == [FactorsChanged(account_id=account_id, change="provider_added")]


@pytest.mark.parametrize("known", [True, False])
async def test_an_address_that_the_provider_is_not_sure_of_opens_nothing(client, club, rows, known):
    if known:
        await make_account()
    before = await rows("account")
    for unsure in ({"email_verified": False}, {}, {"email_verified": "true"}):
        club.behave(user={"sub": "evil", "email": "ada@example.com", **unsure})
        answer = await come_back(client, club)
        assert answer.status_code == 400
        assert "does not say for sure" in answer.text
    assert not await is_signed_in(client)
    assert (await rows("account"), await rows("federated_identity")) == (before, [])


async def test_an_account_that_waits_unconfirmed_for_its_owner_is_taken_over_without_its_password(client, club, rows):
    account_id = await make_account(verified=False, name="Mallory")
    verify = await mint("verify", account_id)
    await write(consents.decide, account_id, {"newsletter": True})
    assert (await come_back(client, club)).status_code == 303
    assert await rows("consent") == []
    [account] = await rows("account")
    assert (account.id, account.password_hash, account.name) == (account_id, None, "Ada Lovelace")
    assert (await client.get(f"/verify/{verify}")).status_code == 404


async def test_staff_link_from_within(client, club, rows):
    await make_account(permissions=("orders.view",))
    answer = await come_back(client, club)
    assert answer.status_code == 400
    assert "Sign in the way you usually do" in answer.text
    assert await rows("federated_identity") == []
    assert not await is_signed_in(client)


async def test_our_own_second_factor_is_still_asked_for(client, club):
    account_id = await make_account()
    as_owner(
        "insert into identity.totp (account_id, secret, confirmed_at, created_at)"
        f" values ('{account_id}', 'x', now(), now())"
    )
    answer = await come_back(client, club)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin/code")
    assert not await is_signed_in(client)


async def test_a_closed_account_is_not_entered(client, club, rows):
    await come_back(client, club)
    as_owner("update identity.account set closed_at = now(), email_key = 'gone'")
    as_owner("delete from identity.session")
    client.cookies.clear()
    await come_back(client, club)
    assert len(await rows("account")) == 2
    [link] = await rows("federated_identity")
    assert link.account_id == next(row.id for row in await rows("account") if row.closed_at is None)


TAMPERED = (
    "issuer",
    "audience",
    "audiences without azp",
    "azp",
    "nonce",
    "no nonce",
    "expired",
    "no expiry",
    "not yet",
    "access token",
    "no subject",
    "subject of another type",
    "long subject",
    "signature",
    "no signature",
    "public key as a secret",
    "client secret as a key",
    "another algorithm",
    "another key by a known name",
    "a key of its own",
)


@pytest.mark.parametrize("how", TAMPERED)
async def test_an_identity_document_that_is_not_quite_right_opens_nothing(client, club, rows, how):
    club.behave(tampers=how)
    answer = await come_back(client, club)
    assert answer.status_code == 400, answer.text
    assert "Signing in did not work" in answer.text
    assert await rows("account") == []
    assert not await is_signed_in(client)


@pytest.mark.parametrize(
    "behaviour", [{"iss": "evil"}, {"iss": "evil", "announces_iss": False}, {"iss": "none", "announces_iss": True}]
)
async def test_an_answer_of_another_issuer_is_never_redeemed(client, club, rows, behaviour):
    club.behave(**behaviour)
    answer = await come_back(client, club)
    assert answer.status_code == 400
    assert club.counts["token"] == 0
    assert await rows("account") == []


async def test_a_provider_that_names_no_issuer_need_not(client, club):
    club.behave(iss="none", announces_iss=False)
    assert (await come_back(client, club)).status_code == 303


async def test_an_answer_at_the_address_of_another_provider_is_never_redeemed(client, club, monkeypatch):
    for name, value in club.settings("other", "the Other").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHOP_OIDC_PROVIDERS", "club,other")
    settings.cache_clear()
    back = club.sign_in(await leave(client))
    answer = await client.get(back.replace("/with/club/", "/with/other/"))
    assert answer.status_code == 400
    assert club.counts["token"] == 0


async def test_an_answer_is_good_once(client, club, rows):
    back = club.sign_in(await leave(client))
    answers = await asyncio.gather(*(client.get(back) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400, 400]
    assert club.counts["token"] == 1
    assert (await client.get(back)).status_code == 400


async def test_an_answer_for_one_browser_signs_in_no_other(client, gateway, club):
    """An attacker's code, planted in a victim's browser, would sign the victim in as the attacker."""
    back = club.sign_in(await leave(client))
    async with new_client(gateway) as victim:
        assert (await victim.get(back)).status_code == 400
        await leave(victim)
        assert (await victim.get(back)).status_code == 400
        assert not await is_signed_in(victim)
    assert club.counts["token"] == 0


async def test_a_code_for_another_attempt_is_worth_nothing(client, gateway, club, rows):
    async with new_client(gateway) as attacker:
        stolen = parse_qs(urlsplit(club.sign_in(await leave(attacker))).query)["code"][0]
    back = club.sign_in(await leave(client))
    own = parse_qs(urlsplit(back).query)["code"][0]
    answer = await client.get(back.replace(own, stolen))
    assert answer.status_code == 400
    assert await rows("account") == []


async def test_an_answer_has_ten_minutes(client, club):
    back = club.sign_in(await leave(client))
    with clock.shifted(timedelta(minutes=11)):
        assert (await client.get(back)).status_code == 400
    assert club.counts["token"] == 0


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?state=made-up&code=x", f"?state={'x' * 9000}&code=x"])
async def test_an_answer_that_nobody_asked_for_says_to_begin_anew(client, club, query):
    await leave(client)
    answer = await client.get(f"{START}/callback{query}")
    assert answer.status_code in {400, 404, 414, 431}
    assert club.counts["token"] == 0


async def test_who_changes_their_mind_there_is_back_at_signing_in(client, club):
    club.behave(denies=True)
    answer = await come_back(client, club)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert "the Club did not sign you in" in (await client.get("/signin")).text


async def test_a_provider_that_is_away_is_told_of_on_the_page_to_sign_in_on(client, club):
    club.behave(away=True)
    answer = await client.post(START, data={"csrf_token": await csrf_of(client, "/signin")})
    assert answer.status_code == 503
    assert "does not work at the moment" in answer.text
    assert 'name="password"' in answer.text


async def test_a_provider_that_goes_away_under_way_is_told_of_as_well(client, club, rows):
    back = club.sign_in(await leave(client))
    club.behave(away=True)
    assert (await client.get(back)).status_code == 503
    assert await rows("account") == []


async def test_a_provider_that_is_described_as_another_is_not_used(client, club):
    club.behave(described_as="https://evil.example")
    assert (await client.post(START, data={})).status_code == 503


async def test_a_new_key_of_the_provider_is_fetched_and_made_up_ones_are_not_fetched_for(
    client, gateway, club, monkeypatch
):
    await come_back(client, club)
    club.behave(new_key=True)
    monkeypatch.setattr("shop.modules.identity.gateways.identity_providers.RELOADED_AFTER_SECONDS", 0.0)
    async with new_client(gateway) as other:
        assert (await come_back(other, club)).status_code == 303
    assert club.counts["keys"] == 1
    monkeypatch.undo()
    for name, value in club.settings().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    club.behave(tampers="a key of its own")
    for _ in range(3):
        async with new_client(gateway) as other:
            assert (await come_back(other, club)).status_code == 400
    assert club.counts["keys"] == 0


async def test_description_and_keys_are_asked_for_once(client, gateway, club):
    for _ in range(3):
        async with new_client(gateway) as other:
            await come_back(other, club)
    assert (club.counts["description"], club.counts["keys"], club.counts["token"]) == (1, 1, 3)


async def test_the_address_may_be_told_besides_the_document(client, club, rows):
    club.behave(claims_in="userinfo")
    assert (await come_back(client, club)).status_code == 303
    assert [row.email for row in await rows("account")] == ["ada@example.com"]


async def test_what_is_told_besides_of_somebody_else_is_not_believed(client, club, rows):
    club.behave(claims_in="userinfo", told_sub="somebody-else")
    assert (await come_back(client, club)).status_code == 400
    assert await rows("account") == []


async def test_a_provider_may_want_the_clients_secret_in_the_form(client, club):
    club.behave(auth_methods=["client_secret_post"])
    assert (await come_back(client, club)).status_code == 303


async def test_the_secrets_of_the_way_are_in_no_log(client, club, capfd, monkeypatch):
    club.behave(tampers="signature")
    back = club.sign_in(await leave(client))
    await client.get(back)
    told = "".join(capfd.readouterr())
    query = parse_qs(urlsplit(back).query)
    assert not any(secret in told for secret in (query["code"][0], query["state"][0], "ada@example.com"))
