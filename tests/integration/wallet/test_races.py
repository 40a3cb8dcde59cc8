"""Many at once on one wallet: exactly what the model says, and nobody waits for ever."""

import asyncio
import random
from collections import Counter

import pytest

from shop.contracts.wallet import InsufficientBalance, NotReversible, Wallets
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.wallet.payment_provider import WalletProvider
from shop.modules.wallet.service.settle import settle_deposit
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    get_transaction,
    hold,
    intent_of,
    make_wallet,
    move,
    wish,
)

pytestmark = pytest.mark.usefixtures("db")


def told(result):
    """The name of an error, or "done"."""
    return type(result).__name__ if isinstance(result, BaseException) else "done"


async def outcomes(calls):
    """How often each came out."""
    return Counter(map(told, await asyncio.gather(*calls, return_exceptions=True)))


async def outcomes_shuffled(**calls):
    """The same for each kind, all at once and begun in no order, so that none of them has the wallet first."""
    mixed = [(kind, call) for kind, some in calls.items() for call in some]
    random.Random(10).shuffle(mixed)
    results = await asyncio.gather(*(call for _, call in mixed), return_exceptions=True)
    seen = {kind: Counter() for kind in calls}
    for (kind, _), each in zip(mixed, results, strict=True):
        seen[kind][told(each)] += 1
    return seen


async def test_of_two_hundred_spends_at_once_as_many_as_there_is_money_for_go_through():
    ada = await make_wallet(10)
    seen = await outcomes(move(ada, "purchase", 1) for _ in range(200))
    assert seen == {"done": 10, "InsufficientBalance": 190}
    assert await balance_of(ada) == 0
    await assert_books_balance()


async def test_of_two_hundred_spends_between_deposits_and_reversals_exactly_ten_are_covered():
    """What is put in and given back beside them doesn't come to one more, in whatever order."""
    ada = await make_wallet(10 * 100 + 40)
    bought = [await move(ada, "purchase", 1) for _ in range(40)]
    seen = await outcomes_shuffled(
        spend=[move(ada, "purchase", 100) for _ in range(200)],
        deposit=[move(ada, "deposit", 1) for _ in range(59)],
        reversal=[move(ada, "reversal", parent_id=each.id) for each in bought * 2],
    )
    assert seen == {
        "spend": {"done": 10, "InsufficientBalance": 190},
        "deposit": {"done": 59},
        "reversal": {"done": 40, "NotReversible": 40},
    }
    assert await balance_of(ada) == 99
    await assert_books_balance()


async def test_spends_that_try_again_spend_all_that_deposits_and_reversals_bring():
    ada = await make_wallet(10 + 40)
    bought = [await move(ada, "purchase", 1) for _ in range(40)]
    seen = await outcomes_shuffled(
        spend=[move(ada, "purchase", 1) for _ in range(200)],
        deposit=[move(ada, "deposit", 1) for _ in range(30)],
        reversal=[move(ada, "reversal", parent_id=each.id) for each in bought * 2],
    )
    assert (seen["deposit"], seen["reversal"]) == ({"done": 30}, {"done": 40, "NotReversible": 40})
    spent, covered = seen["spend"]["done"], 10 + 30 + 40
    assert spent >= 10
    assert seen["spend"] == {"done": spent, "InsufficientBalance": 200 - spent}
    again = await outcomes(move(ada, "purchase", 1) for _ in range(200 - spent))
    assert again == Counter(done=covered - spent, InsufficientBalance=200 - covered)
    assert await balance_of(ada) == 0
    await assert_books_balance()


async def test_of_a_hundred_reversals_at_once_no_more_than_the_parent_comes_back():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 1000)
    seen = await outcomes(move(ada, "reversal", 30, parent_id=bought.id) for _ in range(100))
    assert seen == {"done": 33, "NotReversible": 67}
    assert (await get_transaction(bought.id)).reversed == Money(990, "EUR")
    assert await balance_of(ada) == 990
    await assert_books_balance()


async def test_a_wish_that_is_sent_fifty_times_at_once_happens_once():
    ada = await make_wallet(1000)
    posting = wish(ada, "purchase", 100)
    calls = (write(port(Wallets).post, posting) for _ in range(50))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [each.id for each in results if not isinstance(each, BaseException)] == [posting.id] * 50
    assert set(results) == {results[0]}
    assert await balance_of(ada) == 900
    await assert_books_balance()


async def test_the_first_money_of_a_wallet_may_come_from_many_at_once():
    ada = await make_wallet()
    seen = await outcomes(move(ada, "deposit", 5, currency="EUR") for _ in range(30))
    assert seen == {"done": 30}
    assert await balance_of(ada) == 150
    await assert_books_balance()


async def test_transfers_to_and_fro_at_once_lose_nothing():
    ada, bob = await make_wallet(500), await make_wallet(500)
    calls = [move(*pair, counterparty_id=other) for pair, other in [((ada, "transfer", 10), bob)] * 30]
    calls += [move(bob, "transfer", 10, counterparty_id=ada) for _ in range(30)]
    assert await outcomes(calls) == {"done": 60}
    assert (await balance_of(ada), await balance_of(bob)) == (500, 500)
    await assert_books_balance()


async def test_a_purchase_is_cancelled_once_or_settled_never_both():
    ada = await make_wallet(1000)
    for _ in range(10):
        held = await hold(ada, 100)
        intent = intent_of(held)
        answers = await asyncio.gather(
            *(WalletProvider().cancel(intent) for _ in range(3)),
            *(WalletProvider().capture(intent, Money(100, "EUR")) for _ in range(3)),
        )
        final = (await get_transaction(held.id)).status
        assert {answer.status for answer in answers} == {"captured" if final == "settled" else "cancelled"}
    await assert_books_balance()


async def test_a_deposit_that_is_captured_twice_at_once_counts_once():
    ada = await make_wallet()
    deposit = await move(ada, "deposit", 500, by="customer")
    await asyncio.gather(
        *(write(settle_deposit, deposit.id, "sandbox", Money(500, "EUR")) for _ in range(10)), return_exceptions=True
    )
    assert await balance_of(ada) == 500


async def test_a_refused_spend_leaves_nothing_in_a_transaction_that_goes_on():
    ada = await make_wallet(100)
    before = await count_transactions()
    good = wish(ada, "purchase", 60)

    async def both(uow):
        with pytest.raises(InsufficientBalance):
            await port(Wallets).post(uow, wish(ada, "purchase", 101))
        with pytest.raises(NotReversible):
            await port(Wallets).post(uow, wish(ada, "reversal", parent_id=first.id, amount=11))
        return await port(Wallets).post(uow, good)

    first = await move(ada, "purchase", 10)
    assert (await write(both)).id == good.id
    assert (await balance_of(ada), await count_transactions()) == (30, before + 2)
    await assert_books_balance()
