"""What the migrations put in: a new shop can tax and deliver before anybody set it up."""

import os
import re
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from babel.core import Locale
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shop.contracts.shipping import Parcel
from shop.kernel import migrate
from shop.kernel.db import DbUnitOfWork, sql, sqlalchemy_url
from shop.kernel.money import Money
from shop.kernel.statements import Statements
from shop.modules.pricing import repository as pricing
from shop.modules.shipping import repository as shipping
from shop.modules.shipping.rules import methods_for
from tests.factories.pricing import shipped_tax_facts


def database_url(name: str) -> str:
    return re.sub(r"(://[^/]*)/[^?]*", rf"\1/{name}", os.environ["SHOP_TEST_DATABASE_URL"], count=1)


@pytest.fixture(scope="module")
async def uow(environment) -> AsyncIterator[DbUnitOfWork]:
    """A look into a database that was only just migrated."""
    name = f"shop_test_new_{uuid4().hex[:12]}"
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    migrate.upgrade(database_url(name))
    engine = create_async_engine(sqlalchemy_url(database_url(name)), poolclass=NullPool)
    async with engine.connect() as connection:
        yield DbUnitOfWork(Statements(connection))
    await engine.dispose()
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


async def methods(uow, country: str, worth: int, currency: str = "EUR", grams: int = 1000) -> dict[str, int]:
    found = methods_for(Parcel(grams, Money(worth, currency)), await shipping.find_rates(uow, country))
    return {method.code: method.price.amount for method in found}


async def test_tax_is_known_for_every_fact_that_ships(uow):
    count = (await sql(uow).execute(text("select count(*) from pricing.tax_rate"))).scalar_one()
    assert count == len(shipped_tax_facts()) > 100
    germany = await pricing.find_tax_table(uow, "DE")
    assert germany.rate("standard", None, date(2026, 11, 21)) == Decimal("0.19")


async def test_standard_delivery_at_home_is_free_from_fifty_euro(uow):
    assert await methods(uow, "DE", 4999) == {"standard": 490, "express": 990}
    assert await methods(uow, "DE", 5000) == {"standard": 0, "express": 990}


@pytest.mark.parametrize("country", ["DE", "FR", "CH", "GB", "US", "JP"])
@pytest.mark.parametrize("currency", ["EUR", "USD"])
async def test_every_part_of_the_world_has_standard_and_express(uow, country, currency):
    found = await methods(uow, country, 4000, currency)
    assert set(found) == {"standard", "express"}
    assert 0 < found["standard"] < found["express"]


async def test_farther_and_heavier_never_cost_less(uow):
    for code in ("standard", "express"):
        by_distance = [(await methods(uow, each, 1000))[code] for each in ("DE", "FR", "CH", "US")]
        by_weight = [(await methods(uow, "US", 1000, grams=each))[code] for each in (500, 3000, 8000, 20_000)]
        assert by_distance == sorted(by_distance)
        assert by_weight == sorted(by_weight)


async def test_the_shop_delivers_to_real_countries_each_in_one_zone(uow):
    countries = await shipping.find_countries(uow)
    listed = (await sql(uow).execute(text("select unnest(countries) from shipping.zone"))).scalars()
    assert len(countries) > 200
    assert sorted(listed) == countries
    assert set(countries) <= set(Locale("en").territories)
