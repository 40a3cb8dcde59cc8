"""Goods are promised once, all or none, and come back when nobody pays."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import (
    AvailabilityChanged,
    OutOfStock,
    ReservationExpired,
    Shortage,
    StockLevel,
    StockLine,
)
from shop.contracts.orders import OrderPaid
from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.modules.inventory import jobs, service
from tests.factories.facts import facts_of
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

pytestmark = pytest.mark.usefixtures("db")


async def test_a_reservation_takes_from_what_is_available():
    [mug] = await make_stock(10)
    await make_reservation(StockLine(mug, 4))
    assert await level_of(mug) == StockLevel(mug, on_hand=10, reserved=4, available=6)


async def test_the_last_one_can_be_reserved():
    [mug] = await make_stock(3)
    await make_reservation(StockLine(mug, 3))
    assert (await level_of(mug)).available == 0


async def test_one_short_line_leaves_every_line_unreserved():
    mug, cup, pot = await make_stock(10, 2, 0)
    order_id = uuid4()
    with pytest.raises(OutOfStock) as refusal:
        await write(service.reserve, order_id, lines_of([mug, cup, pot], [1, 5, 1]), in_minutes(30))
    assert set(refusal.value.shortages) == {Shortage(cup, 2), Shortage(pot, 0)}
    assert [(await level_of(each)).reserved for each in (mug, cup, pot)] == [0, 0, 0]
    assert await status_of(order_id) is None


async def test_what_others_hold_is_not_told_as_available():
    [mug] = await make_stock(5)
    await make_reservation(StockLine(mug, 3))
    with pytest.raises(OutOfStock) as refusal:
        await make_reservation(StockLine(mug, 3))
    assert refusal.value.shortages == (Shortage(mug, 2),)


async def test_a_variant_without_stock_is_short():
    unknown = VariantId(uuid4())
    with pytest.raises(OutOfStock) as refusal:
        await make_reservation(StockLine(unknown, 1))
    assert refusal.value.shortages == (Shortage(unknown, 0),)


async def test_lines_of_one_variant_are_reserved_together():
    [mug] = await make_stock(5)
    await make_reservation(StockLine(mug, 2), StockLine(mug, 3))
    assert (await level_of(mug)).available == 0


async def test_lines_of_one_variant_are_short_together():
    [mug] = await make_stock(5)
    with pytest.raises(OutOfStock) as refusal:
        await make_reservation(StockLine(mug, 3), StockLine(mug, 3))
    assert refusal.value.shortages == (Shortage(mug, 5),)
    assert (await level_of(mug)).reserved == 0


async def test_a_second_reservation_of_the_same_order_has_no_effect():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    await write(service.reserve, order_id, [StockLine(mug, 4)], in_minutes(30))
    assert (await level_of(mug)).reserved == 4


async def test_a_paid_reservation_does_not_lapse():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4), minutes=-1)
    assert await write(service.confirm, order_id) is True
    await jobs.expire_reservations()
    assert await status_of(order_id) == "confirmed"
    assert (await level_of(mug)).reserved == 4


async def test_confirming_again_has_no_further_effect():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    assert [await write(service.confirm, order_id) for _ in range(2)] == [True, True]
    assert (await level_of(mug)).reserved == 4


async def test_an_order_that_reserved_nothing_cannot_be_confirmed():
    assert await write(service.confirm, uuid4()) is False


async def test_a_reservation_past_its_deadline_gives_its_goods_back():
    mug, cup = await make_stock(10, 10)
    lapsed = await make_reservation(*lines_of([mug, cup], [4, 1]), minutes=-1)
    alive = await make_reservation(StockLine(mug, 2), minutes=1)
    await jobs.expire_reservations()
    assert (await status_of(lapsed), await status_of(alive)) == ("expired", "held")
    assert (await counts_of(mug), await counts_of(cup)) == ((10, 2), (10, 0))


async def test_the_deadline_is_the_wall_clock():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4), minutes=30)
    with clock.shifted(timedelta(minutes=31)):
        await jobs.expire_reservations()
    assert await status_of(order_id) == "expired"


async def test_each_lapsed_order_is_told_once():
    [mug] = await make_stock(10)
    orders = {await make_reservation(StockLine(mug, 1), minutes=-1) for _ in range(3)}
    told = await facts_of(service.expire_batch, clock.now())
    assert {event.order_id for event in told if isinstance(event, ReservationExpired)} == orders
    assert await facts_of(service.expire_batch, clock.now()) == []


async def test_more_lapsed_reservations_than_a_batch_all_end(monkeypatch):
    monkeypatch.setattr(service, "EXPIRY_BATCH", 2)
    [mug] = await make_stock(10)
    for _ in range(5):
        await make_reservation(StockLine(mug, 2), minutes=-1)
    await jobs.expire_reservations()
    assert await counts_of(mug) == (10, 0)


async def test_a_lapsed_reservation_is_taken_up_again_while_the_goods_are_there():
    mug, cup = await make_stock(10, 1)
    order_id = await make_reservation(*lines_of([mug, cup], [4, 1]), minutes=-1)
    await jobs.expire_reservations()
    assert await write(service.confirm, order_id) is True
    assert await status_of(order_id) == "confirmed"
    assert (await counts_of(mug), await counts_of(cup)) == ((10, 4), (1, 1))


async def test_a_lapsed_reservation_whose_goods_are_partly_gone_holds_nothing():
    mug, cup = await make_stock(10, 1)
    order_id = await make_reservation(*lines_of([mug, cup], [4, 1]), minutes=-1)
    await jobs.expire_reservations()
    await make_reservation(StockLine(cup, 1))
    assert await write(service.confirm, order_id) is False
    assert await status_of(order_id) == "expired"
    assert (await counts_of(mug), await counts_of(cup)) == ((10, 0), (1, 1))


async def test_a_refused_confirmation_leaves_its_transaction_usable():
    [mug] = await make_stock(1)
    order_id = await make_reservation(StockLine(mug, 1), minutes=-1)
    await jobs.expire_reservations()
    await make_reservation(StockLine(mug, 1))

    async def confirm_then_look(uow):
        confirmed = await service.confirm(uow, order_id)
        return confirmed, (await service.get_levels(uow, [mug]))[mug].reserved

    assert await write(confirm_then_look) == (False, 1)


@pytest.mark.parametrize("confirmed", [False, True])
async def test_a_released_reservation_gives_its_goods_back_once(confirmed):
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    await make_reservation(StockLine(mug, 5))
    if confirmed:
        await write(service.confirm, order_id)
    await write(service.release, order_id)
    await write(service.release, order_id)
    assert await status_of(order_id) == "released"
    assert await counts_of(mug) == (10, 5)


async def test_releasing_an_order_that_holds_nothing_has_no_effect():
    [mug] = await make_stock(10)
    await make_reservation(StockLine(mug, 4))
    await write(service.release, uuid4())
    assert await counts_of(mug) == (10, 4)


def paid(order_id, *variant_ids) -> OrderPaid:
    return OrderPaid(order_id=order_id, account_id=None, variant_ids=variant_ids, total=1000, currency="EUR")


async def tell(uow, *events) -> None:
    for event in events:
        uow.emit(event)


async def test_the_goods_of_a_paid_order_leave_the_stock(drain_outbox):
    mug, cup = await make_stock(10, 5)
    order_id = await make_reservation(*lines_of([mug, cup], [4, 1]))
    await write(service.confirm, order_id)
    await write(tell, paid(order_id, mug, cup))
    await drain_outbox()
    assert await status_of(order_id) == "committed"
    assert (await counts_of(mug), await counts_of(cup)) == ((6, 0), (4, 0))
    assert await movements_of(mug) == [(10, "delivery", None), (-4, "sold", order_id)]


async def test_goods_leave_once_however_often_the_payment_is_told(drain_outbox):
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    await write(service.confirm, order_id)
    await write(tell, paid(order_id, mug), paid(order_id, mug))
    await drain_outbox()
    assert await counts_of(mug) == (6, 0)
    assert len(await movements_of(mug)) == 2


async def test_sold_goods_cannot_be_released():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    await write(service.confirm, order_id)
    await write(service.commit_sold, order_id)
    await write(service.release, order_id)
    assert await counts_of(mug) == (6, 0)
    assert await write(service.confirm, order_id) is True


async def test_goods_that_were_only_held_do_not_leave():
    [mug] = await make_stock(10)
    order_id = await make_reservation(StockLine(mug, 4))
    await write(service.commit_sold, order_id)
    assert await counts_of(mug) == (10, 4)
    assert len(await movements_of(mug)) == 1


async def test_selling_out_is_told_and_no_other_sale():
    mug, cup = await make_stock(4, 10)
    order_id = uuid4()
    told = await facts_of(service.reserve, order_id, lines_of([mug, cup], [4, 4]), in_minutes(30))
    assert told == [AvailabilityChanged(variant_ids=(mug,))]


async def test_coming_back_is_told_and_no_other_return():
    mug, cup = await make_stock(4, 10)
    order_id = await make_reservation(*lines_of([mug, cup], [4, 4]))
    assert await facts_of(service.release, order_id) == [AvailabilityChanged(variant_ids=(mug,))]


async def test_a_sale_that_becomes_final_is_no_news():
    [mug] = await make_stock(4)
    order_id = await make_reservation(StockLine(mug, 4))
    await write(service.confirm, order_id)
    assert await facts_of(service.commit_sold, order_id) == []


async def test_statement_budgets(record_statements):
    variant_ids = await make_stock(*[10] * 20)
    order_id = uuid4()
    lines = lines_of(variant_ids, [1] * 20)
    with record_statements() as reserving:
        await write(service.reserve, order_id, lines, in_minutes(30))
    with record_statements() as reserving_in_vain, pytest.raises(OutOfStock):
        await write(service.reserve, uuid4(), lines_of(variant_ids, [10] * 20), in_minutes(30))
    with record_statements() as confirming:
        await write(service.confirm, order_id)
    with record_statements() as releasing:
        await write(service.release, order_id)
    with record_statements() as looking:
        await read(service.get_levels, variant_ids)
    counted = [len(each) for each in (reserving, reserving_in_vain, confirming, releasing, looking)]
    assert counted == [1, 2, 1, 1, 1]


async def test_the_database_itself_refuses_to_promise_more_than_there_is():
    [mug] = await make_stock(3)

    async def overdraw(uow) -> None:
        await sql(uow).execute(text("update inventory.stock_item set reserved = 4 where variant_id = :id"), {"id": mug})

    with pytest.raises(IntegrityError, match="ck_stock_item_reserved_on_hand"):
        await write(overdraw)
    assert await counts_of(mug) == (3, 0)
