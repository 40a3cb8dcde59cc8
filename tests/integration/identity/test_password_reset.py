"""A forgotten password: asking, the link, and what ends when it is used."""

import asyncio
from datetime import timedelta

from shop.contracts.identity import EmailVerified, PasswordChanged, PasswordResetRequested
from shop.kernel import clock
from tests.conftest import new_client
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, mint, sign_in_browser

NEW = "a brand new password"


async def reset(client, token, password=NEW):
    return await client.post(f"{AUTH}/password/reset", json={"token": token, "password": password})


async def sign_in(client, password) -> int:
    answer = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": password})
    return answer.status_code


async def test_asking_answers_the_same_for_known_and_unknown_addresses(client, facts):
    account_id = await make_account()
    answers = [
        await client.post(f"{AUTH}/password/forgot", json={"email": email})
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert facts == [PasswordResetRequested(account_id=account_id)]


async def test_asking_takes_the_same_time_for_known_and_unknown_addresses(client):
    await make_account()
    times = []
    for email in ("ada@example.com", "nobody@example.com"):
        answer = await client.post(f"{AUTH}/password/forgot", json={"email": email})
        times.append(answer.elapsed.total_seconds())
    assert min(times) >= 0.15


async def test_the_link_sets_a_new_password(client, facts):
    account_id = await make_account()
    answer = await reset(client, await mint("reset", account_id))
    assert answer.status_code == 200
    assert facts == [PasswordChanged(account_id=account_id)]
    assert (await sign_in(client, PASSWORD), await sign_in(client, NEW)) == (401, 200)


async def test_a_link_used_twenty_times_at_once_works_once(client, facts):
    account_id = await make_account()
    token = await mint("reset", account_id)
    passwords = [f"password number {number}" for number in range(20)]
    answers = await asyncio.gather(*(reset(client, token, password) for password in passwords))
    won = [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert facts == [PasswordChanged(account_id=account_id)]
    assert await sign_in(client, won[0]) == 200


async def test_two_links_of_one_account_used_at_once_let_one_through(client, facts):
    account_id = await make_account()
    tokens = [await mint("reset", account_id) for _ in range(4)]
    answers = await asyncio.gather(*(reset(client, token) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert facts == [PasswordChanged(account_id=account_id)]


async def test_all_sessions_tokens_and_links_of_the_account_end_and_those_of_others_stay(client, gateway, rows):
    account_id, other = await make_account(), await make_account("grace@example.com")
    await sign_in_browser(client, account_id)
    await bearer(account_id)
    await mint("verify", account_id)
    await bearer(other)
    async with new_client(gateway) as hers:
        await sign_in_browser(hers, other)
        await reset(client, await mint("reset", account_id))
        assert (await client.get("/account")).status_code == 303
        assert (await hers.get("/account")).status_code == 200
    for table in ("session", "token_family", "mail_link"):
        assert {row.account_id for row in await rows(table)} <= {other}
    assert len(await rows("token_family")) == 1


async def test_the_link_works_for_half_an_hour(client, facts):
    account_id = await make_account()
    token = await mint("reset", account_id)
    with clock.shifted(timedelta(minutes=31)):
        answer = await reset(client, token)
    assert (answer.status_code, answer.json()["code"]) == (400, "link_expired")
    assert facts == []
    with clock.shifted(timedelta(minutes=29)):
        assert (await reset(client, token)).status_code == 200


async def test_a_link_to_confirm_an_address_resets_nothing(client, rows):
    account_id = await make_account(verified=False)
    before = await rows("account")
    assert (await reset(client, await mint("verify", account_id))).status_code == 400
    assert await rows("account") == before


async def test_a_link_of_our_own_making_only(client, rows):
    await make_account()
    before = await rows("account")
    assert (await reset(client, "x" * 32)).status_code == 400
    assert await rows("account") == before


async def test_a_password_that_is_too_short_leaves_the_link_good(client):
    token = await mint("reset", await make_account())
    assert (await reset(client, token, "short")).status_code == 422
    assert (await reset(client, token)).status_code == 200


async def test_the_mailed_link_confirms_the_address_as_well(client, facts):
    account_id = await make_account(verified=False)
    await reset(client, await mint("reset", account_id))
    assert facts == [EmailVerified(account_id=account_id), PasswordChanged(account_id=account_id)]
    assert await sign_in(client, NEW) == 200
