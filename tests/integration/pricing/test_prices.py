"""Prices are kept by variant and currency; only real changes are told."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Price, Prices, PricesChanged
from shop.kernel.db import read, sql, write
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.ports import port
from tests.factories.facts import facts_of
from tests.factories.pricing import make_price

pytestmark = pytest.mark.usefixtures("db")


def prices() -> Prices:
    return port(Prices)


async def find(currency: str, *variant_ids: VariantId) -> dict[VariantId, Price]:
    return await read(prices().prices, variant_ids, currency)


async def test_a_variant_has_a_price_per_currency():
    mug = await make_price(1999, "EUR", compare_at=2499, tax_class="reduced")
    await make_price(2199, "USD", variant_id=mug)
    assert await find("EUR", mug) == {mug: Price(mug, Money(1999, "EUR"), Money(2499, "EUR"), "reduced")}
    assert await find("USD", mug) == {mug: Price(mug, Money(2199, "USD"))}


async def test_a_variant_without_a_price_in_the_currency_is_left_out():
    mug, cup = await make_price(1999, "EUR"), await make_price(999, "USD")
    assert list(await find("EUR", mug, cup, VariantId(uuid4()))) == [mug]


async def test_a_price_that_changed_is_told_and_one_that_did_not_is_not():
    mug, cup = await make_price(1999), await make_price(999)
    told = await facts_of(prices().set_prices, [Price(mug, Money(1899, "EUR")), Price(cup, Money(999, "EUR"))])
    assert told == [PricesChanged(variant_ids=(mug,))]
    assert (await find("EUR", mug))[mug].amount == Money(1899, "EUR")


@pytest.mark.parametrize(
    "change",
    [{"compare_at": Money(2499, "EUR")}, {"tax_class": "reduced"}],
)
async def test_a_former_price_or_tax_class_is_a_change_too(change):
    mug = await make_price(1999)
    told = await facts_of(prices().set_prices, [Price(mug, Money(1999, "EUR"), **change)])
    assert told == [PricesChanged(variant_ids=(mug,))]


async def test_a_former_price_can_be_taken_back():
    mug = await make_price(1999, compare_at=2499)
    told = await facts_of(prices().set_prices, [Price(mug, Money(1999, "EUR"))])
    assert told == [PricesChanged(variant_ids=(mug,))]
    assert (await find("EUR", mug))[mug].compare_at is None


async def test_a_large_import_is_told_in_events_of_bounded_size():
    many = [Price(VariantId(uuid4()), Money(100 + each, "EUR")) for each in range(1100)]
    told = await facts_of(prices().set_prices, many)
    assert [len(event.variant_ids) for event in told] == [500, 500, 100]
    assert {each for event in told for each in event.variant_ids} == {price.variant_id for price in many}


async def test_the_last_of_two_prices_for_one_variant_wins():
    mug = VariantId(uuid4())
    await write(prices().set_prices, [Price(mug, Money(1, "EUR")), Price(mug, Money(2, "EUR"))])
    assert (await find("EUR", mug))[mug].amount == Money(2, "EUR")


async def test_one_bad_price_keeps_all_from_being_set():
    mug, cup = VariantId(uuid4()), VariantId(uuid4())
    with pytest.raises(Invalid) as refusal:
        await write(prices().set_prices, [Price(mug, Money(1, "EUR")), Price(cup, Money(-1, "EUR"))])
    assert [error.field for error in refusal.value.errors] == ["amount"]
    assert await find("EUR", mug, cup) == {}


async def test_imports_of_the_same_articles_in_opposite_order_do_not_deadlock():
    ids = [VariantId(uuid4()) for _ in range(200)]
    for amount in range(1, 11):
        there = [Price(each, Money(amount, "EUR")) for each in ids]
        back = [Price(each, Money(amount + 1000, "EUR")) for each in reversed(ids)]
        await asyncio.gather(write(prices().set_prices, there), write(prices().set_prices, back))
    kept = {price.amount.amount for price in (await find("EUR", *ids)).values()}
    assert kept in ({10}, {1010})


async def test_looking_up_and_setting_take_one_statement_each(record_statements):
    many = [Price(VariantId(uuid4()), Money(100, "EUR")) for _ in range(50)]
    with record_statements() as setting:
        await write(prices().set_prices, many)
    with record_statements() as looking:
        await find("EUR", *(price.variant_id for price in many))
    assert len([each for each in setting if "kernel.outbox" not in each]) == 1
    assert len(looking) == 1


@pytest.mark.parametrize(
    ("values", "constraint"), [("-1, null", "ck_price_amount"), ("100, 100", "ck_price_compare_at")]
)
async def test_the_database_itself_refuses_prices_that_cannot_be(values, constraint):
    async def save(uow) -> None:
        await sql(uow).execute(
            text(f"insert into pricing.price (variant_id, currency, amount, compare_at) values (:id, 'EUR', {values})"),
            {"id": uuid4()},
        )

    with pytest.raises(IntegrityError, match=constraint):
        await write(save)
