"""Signing up and confirming the address, over the API."""

import asyncio
from datetime import timedelta

import pytest

from shop.contracts.identity import AccountSignedUp, EmailVerified, SignUpRepeated
from shop.kernel import clock
from tests.factories.identity import AUTH, PASSWORD, make_account, mint

ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Lovelace"}
SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}


async def test_signing_up_makes_an_account_that_waits_for_its_address_to_be_confirmed(client, facts, rows):
    answer = await client.post(f"{AUTH}/signup", json=ADA)
    assert answer.status_code == 202
    [account] = await rows("account")
    assert (account.email, account.name, account.verified_at, account.is_staff) == (
        ADA["email"],
        ADA["name"],
        None,
        False,
    )
    assert facts == [AccountSignedUp(account_id=account.id)]


async def test_the_password_is_stored_only_as_an_argon2id_hash(client, real_hashes, rows):
    await client.post(f"{AUTH}/signup", json=ADA)
    [account] = await rows("account")
    assert account.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert PASSWORD not in str(account)


async def test_the_answer_is_the_same_for_an_unknown_an_unconfirmed_and_a_confirmed_address(client):
    await make_account("known@example.com")
    await make_account("waiting@example.com", verified=False)
    answers = [
        await client.post(f"{AUTH}/signup", json={**ADA, "email": f"{who}@example.com"})
        for who in ("new", "waiting", "known")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    headers = [{name for name, _ in answer.headers.items()} for answer in answers]
    assert headers[0] == headers[1] == headers[2]


async def test_signing_up_with_the_address_of_a_confirmed_account_changes_nothing_and_tells_its_owner(
    client, facts, rows
):
    account_id = await make_account()
    before = await rows("account")
    await client.post(f"{AUTH}/signup", json={**ADA, "password": "another password", "name": "Mallory"})
    assert await rows("account") == before
    assert facts == [SignUpRepeated(account_id=account_id)]


async def test_an_unconfirmed_address_may_sign_up_again_and_the_newest_password_counts(client, facts):
    await client.post(f"{AUTH}/signup", json={**ADA, "password": "the first password"})
    await client.post(f"{AUTH}/signup", json=ADA)
    first, second = facts
    assert isinstance(second, AccountSignedUp)
    assert first == second
    await client.post(f"{AUTH}/email/verify", json={"token": await mint("verify", second.account_id)})
    assert (await client.post(f"{AUTH}/signin", json=SIGN_IN)).status_code == 200


async def test_a_link_sent_before_somebody_signed_up_again_confirms_nothing(client, facts, rows):
    """Else the owner of the address, with the link of their own sign-up, would confirm a stranger's password."""
    await client.post(f"{AUTH}/signup", json=ADA)
    token = await mint("verify", facts[0].account_id)
    await client.post(f"{AUTH}/signup", json={**ADA, "password": "a stranger's password"})
    answer = await client.post(f"{AUTH}/email/verify", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (400, "link_expired")
    assert (await rows("account"))[0].verified_at is None


async def test_a_front_of_ones_own_may_have_the_password_shown_before_an_address_is_confirmed(client, facts, rows):
    """As the page does for a browser that didn't sign up; a wrong one leaves the link good."""
    await client.post(f"{AUTH}/signup", json=ADA)
    token = await mint("verify", facts[0].account_id)
    wrong = await client.post(f"{AUTH}/email/verify", json={"token": token, "password": "somebody else's"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "password")
    assert (await rows("account"))[0].verified_at is None
    right = await client.post(f"{AUTH}/email/verify", json={"token": token, "password": ADA["password"]})
    assert right.status_code == 200
    assert (await client.post(f"{AUTH}/signin", json=SIGN_IN)).status_code == 200


async def test_addresses_that_differ_in_case_alone_are_one_account(client, rows):
    await client.post(f"{AUTH}/signup", json=ADA)
    await client.post(f"{AUTH}/signup", json={**ADA, "email": "ADA@Example.COM"})
    assert len(await rows("account")) == 1


async def test_ten_sign_ups_at_once_with_one_address_make_one_account(client, rows):
    answers = await asyncio.gather(*(client.post(f"{AUTH}/signup", json=ADA) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await rows("account")) == 1


async def test_all_broken_fields_are_told_at_once_and_nothing_is_kept(client, facts, rows):
    answer = await client.post(f"{AUTH}/signup", json={"email": "", "password": "short", "name": " "})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == {"email", "password", "name"}
    assert (await rows("account"), facts) == ([], [])


@pytest.mark.parametrize("length", [7, 257])
async def test_a_password_has_8_to_256_characters(client, rows, length):
    answer = await client.post(f"{AUTH}/signup", json={**ADA, "password": "x" * length})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["password"])
    assert await rows("account") == []


@pytest.mark.parametrize("length", [8, 256])
async def test_a_password_at_the_limits_of_length_is_taken(client, rows, length):
    await client.post(f"{AUTH}/signup", json={**ADA, "password": "ß" * length})
    assert len(await rows("account")) == 1


async def test_no_one_gets_in_before_the_address_is_confirmed_and_the_words_mention_the_mail(client):
    await make_account(verified=False)
    refused = await client.post(f"{AUTH}/signin", json=SIGN_IN)
    wrong = await client.post(f"{AUTH}/signin", json={**SIGN_IN, "password": "wrong password"})
    assert {**refused.json(), "request_id": ""} == {**wrong.json(), "request_id": ""}
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")
    assert "mail" in refused.json()["detail"]


async def test_the_link_confirms_the_address_once(client, facts):
    account_id = await make_account(verified=False)
    token = await mint("verify", account_id)
    first = await client.post(f"{AUTH}/email/verify", json={"token": token})
    second = await client.post(f"{AUTH}/email/verify", json={"token": token})
    assert (first.status_code, second.status_code) == (200, 400)
    assert facts == [EmailVerified(account_id=account_id)]
    assert (await client.post(f"{AUTH}/signin", json=SIGN_IN)).status_code == 200


async def test_a_link_used_twenty_times_at_once_confirms_once(client, facts):
    account_id = await make_account(verified=False)
    token = await mint("verify", account_id)
    answers = await asyncio.gather(*(client.post(f"{AUTH}/email/verify", json={"token": token}) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert facts == [EmailVerified(account_id=account_id)]


async def test_the_link_works_for_three_days(client):
    account_id = await make_account(verified=False)
    token = await mint("verify", account_id)
    with clock.shifted(timedelta(days=3, seconds=1)):
        assert (await client.post(f"{AUTH}/email/verify", json={"token": token})).status_code == 400
    with clock.shifted(timedelta(days=2, hours=23)):
        assert (await client.post(f"{AUTH}/email/verify", json={"token": token})).status_code == 200


async def test_a_link_to_reset_a_password_is_none_to_confirm_an_address(client, rows):
    account_id = await make_account(verified=False)
    token = await mint("reset", account_id)
    assert (await client.post(f"{AUTH}/email/verify", json={"token": token})).status_code == 400
    assert (await rows("account"))[0].verified_at is None


async def test_only_the_hash_of_a_link_is_stored(client, rows):
    token = await mint("verify", await make_account(verified=False))
    [link] = await rows("mail_link")
    assert len(token) == 32
    assert token not in str(link)
