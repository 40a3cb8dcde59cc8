"""What the wallet holds on a person is told, kept, and keeps an account from being closed while money is in it."""

import pytest

from shop.contracts.identity import ErasureHindrance, Person, PersonalData
from shop.kernel.db import read, write
from shop.kernel.ports import ports
from shop.modules.wallet.errors import TransactionsUnderWay, WalletNotEmpty
from tests.factories.wallet import balance_of, hold, make_wallet, move

pytestmark = pytest.mark.usefixtures("db")


def person(account_id):
    return Person(account_id=account_id, email=None)


async def export(account_id):
    return await read(ports(PersonalData)["wallet"].export, person(account_id))


async def check(account_id):
    await read(ports(ErasureHindrance)["wallet"].check_erasable, person(account_id))


async def test_all_of_it_is_told():
    ada, bob = await make_wallet(1000), await make_wallet(500)
    await move(ada, "purchase", 300, reason="By phone")
    await move(bob, "transfer", 100, counterparty_id=ada)
    [wallet] = (await export(ada))["wallets"]
    assert wallet["balance"] == wallet["available"] == {"amount": 800, "currency": "EUR"}
    assert [each["operation"] for each in wallet["transactions"]] == ["transfer", "purchase", "deposit"]
    assert wallet["transactions"][1]["reason"] == "By phone"
    assert str(bob) not in str(wallet)


async def test_nothing_is_told_of_somebody_without_a_wallet():
    ada = await make_wallet()
    assert await export(ada) == {}
    assert await export(None) == {}
    await check(ada)
    await check(None)
    assert await write(ports(PersonalData)["wallet"].erase, person(ada)) == ()


async def test_money_in_the_wallet_keeps_the_account():
    ada = await make_wallet(1000)
    with pytest.raises(WalletNotEmpty) as refusal:
        await check(ada)
    assert "€10.00" in refusal.value.detail
    await move(ada, "withdraw", 1000, reason="The account is being closed")
    await check(ada)


@pytest.mark.parametrize("kind", ["held", "deposit"])
async def test_what_is_under_way_keeps_the_account(kind):
    ada = await make_wallet(1000)
    if kind == "held":
        await hold(ada, 1000)
    else:
        await move(ada, "withdraw", 1000)
        await move(ada, "deposit", 5, by="customer")
    with pytest.raises(TransactionsUnderWay):
        await check(ada)


async def test_the_books_are_kept():
    ada = await make_wallet(1000)
    await move(ada, "purchase", 1000)
    [kept] = await write(ports(PersonalData)["wallet"].erase, person(ada))
    assert "books" in kept.why
    assert len((await export(ada))["wallets"][0]["transactions"]) == 2
    assert await balance_of(ada) == 0
