"""Many at once: never more promised than there is, nobody waits for ever, no order half done.

`write` runs a transaction again after a deadlock, which would hide one; so the tests of the lock order open their
transactions themselves.
"""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.contracts.inventory import OutOfStock, StockLine
from shop.kernel import clock
from shop.kernel.db import DbUnitOfWork, engine, sql, write
from shop.modules.inventory import jobs, service
from tests.conftest import as_owner
from tests.factories.inventory import (
    counts_of,
    in_minutes,
    level_of,
    lines_of,
    make_reservation,
    make_stock,
    movements_of,
    status_of,
)
from tests.waiting import until_locked_out

pytestmark = pytest.mark.usefixtures("db")


async def outcomes(*attempts) -> Counter:
    """How often each result or kind of error came out, all attempts running at once."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    return Counter(type(each).__name__ if isinstance(each, Exception) else each for each in results)


async def buy(*lines: StockLine) -> str:
    await write(service.reserve, uuid4(), lines, in_minutes(30))
    return "reserved"


async def test_sixty_buyers_of_twenty_units_get_exactly_twenty():
    [mug] = await make_stock(20)
    came_out = await outcomes(*(buy(StockLine(mug, 1)) for _ in range(60)))
    assert came_out == {"reserved": 20, "OutOfStock": 40}
    assert await counts_of(mug) == (20, 20)


async def test_buyers_of_several_articles_never_get_a_part_of_them():
    mug, cup = await make_stock(10, 20)
    both = [buy(*lines_of([mug, cup], [1, 1])) for _ in range(20)]
    cups = [buy(StockLine(cup, 2)) for _ in range(20)]
    came_out = await outcomes(*both, *cups)
    assert came_out["reserved"] + came_out["OutOfStock"] == 40
    assert await sum_of_held(mug) == (await level_of(mug)).reserved
    assert await sum_of_held(cup) == (await level_of(cup)).reserved


async def sum_of_held(variant_id) -> int:
    async def add_up(uow) -> int:
        return await sql(uow).scalar(
            text(
                "select coalesce(sum(quantity), 0) from inventory.reservation_line"
                " join inventory.reservation using (order_id)"
                " where variant_id = :id and status in ('held', 'confirmed')"
            ),
            {"id": variant_id},
        )

    return await write(add_up)


async def test_one_order_reserved_many_times_at_once_holds_its_goods_once():
    [mug] = await make_stock(20)
    order_id = uuid4()
    lines = [StockLine(mug, 3)]
    await asyncio.gather(*(write(service.reserve, order_id, lines, in_minutes(30)) for _ in range(10)))
    assert await counts_of(mug) == (20, 3)


async def in_own_transaction(use_case, *args) -> None:
    """Without the retry of `write`: a deadlock comes out as an error."""
    async with engine("write").begin() as connection:
        uow = DbUnitOfWork(connection)
        uow.writing = True
        await use_case(uow, *args)


async def many_variants() -> list:
    """So many that PostgreSQL looks items up one by one, in the order it is given them: in a small table it would
    meet them in one order for everybody, and no lock order would be needed."""
    variant_ids = await make_stock(*[1000] * 3000)
    as_owner("analyze inventory.stock_item")
    return variant_ids


async def test_orders_with_the_same_articles_in_opposite_order_do_not_deadlock():
    variant_ids = (await many_variants())[::100]
    there = lines_of(variant_ids, [1] * len(variant_ids))
    back = there[::-1]
    for _ in range(15):
        came_out = await outcomes(
            *(in_own_transaction(service.reserve, uuid4(), lines, in_minutes(30)) for lines in (there, back) * 4)
        )
        assert came_out == {None: 8}
    assert (await level_of(variant_ids[0])).reserved == 120


async def test_all_that_changes_stock_at_once_does_not_deadlock():
    variant_ids = (await many_variants())[::100]
    there = lines_of(variant_ids, [1] * len(variant_ids))
    back = there[::-1]
    counts = lines_of(variant_ids[::-1], [2000] * len(variant_ids))
    for _ in range(10):
        again = [await make_reservation(*lines, minutes=-1) for lines in (there, back)]
        await jobs.expire_reservations()
        released, confirmed = [await make_reservation(*lines) for lines in (there, back)]
        lapsed = [await make_reservation(*lines, minutes=-1) for lines in (there, back)]
        await write(service.confirm, confirmed)
        came_out = await outcomes(
            in_own_transaction(service.release, released),
            in_own_transaction(service.commit_sold, confirmed),
            in_own_transaction(service.expire_batch, clock.now()),
            *(in_own_transaction(service.confirm, each) for each in again),
            in_own_transaction(service.set_on_hand, counts, "counted"),
            in_own_transaction(service.reserve, uuid4(), back, in_minutes(30)),
            in_own_transaction(service.reserve, uuid4(), there, in_minutes(30)),
        )
        assert came_out == {None: 8}
        assert [await status_of(each) for each in (*again, released, confirmed, *lapsed)] == [
            "confirmed",
            "confirmed",
            "released",
            "committed",
            "expired",
            "expired",
        ]
    assert (await level_of(variant_ids[0])).reserved == 40


async def test_a_payment_that_meets_the_deadline_has_one_outcome():
    [mug] = await make_stock(100)
    orders = [await make_reservation(StockLine(mug, 2), minutes=-1) for _ in range(20)]
    confirmations = asyncio.gather(*(write(service.confirm, each) for each in orders))
    await asyncio.gather(jobs.expire_reservations(), jobs.expire_reservations())
    assert await confirmations == [True] * 20
    assert [await status_of(each) for each in orders] == ["confirmed"] * 20
    assert await counts_of(mug) == (100, 40)


async def test_two_lapsed_orders_that_are_paid_at_once_do_not_share_the_last_unit():
    [mug] = await make_stock(1)
    first = await make_reservation(StockLine(mug, 1), minutes=-1)
    await jobs.expire_reservations()
    second = await make_reservation(StockLine(mug, 1), minutes=-1)
    await jobs.expire_reservations()
    came_out = await outcomes(write(service.confirm, first), write(service.confirm, second))
    assert came_out == {True: 1, False: 1}
    assert await counts_of(mug) == (1, 1)


async def test_a_sale_told_to_two_workers_at_once_leaves_the_stock_once():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    await write(service.confirm, order_id)
    await asyncio.gather(*(write(service.commit_sold, order_id) for _ in range(5)))
    assert await counts_of(mug) == (6, 0)
    assert len(await movements_of(mug)) == 2


async def test_a_count_cannot_slip_under_a_reservation_made_meanwhile():
    for _ in range(10):
        [mug] = await make_stock(5)
        await outcomes(buy(StockLine(mug, 5)), write(service.set_on_hand, [StockLine(mug, 2)], "counted"))
        assert await counts_of(mug) in {(5, 5), (2, 0)}


async def test_a_buyer_who_waits_for_the_last_unit_is_told_what_is_left():
    [mug] = await make_stock(30)
    async with engine("write").begin() as connection:
        await service.reserve(DbUnitOfWork(connection), uuid4(), [StockLine(mug, 20)], in_minutes(30))
        waiting = asyncio.create_task(buy(StockLine(mug, 20)))
        await until_locked_out()
        assert not waiting.done()
    with pytest.raises(OutOfStock) as refusal:
        await waiting
    assert [each.available for each in refusal.value.shortages] == [10]
