"""Counted stock, by staff and by imports."""

from uuid import uuid4

import pytest

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import AvailabilityChanged, BelowReserved, StockLevel, StockLine
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.http.principals import Principal, TokenVerifier, VerifiedToken
from shop.kernel.ports import overridden
from shop.modules.inventory import service
from tests.factories.facts import facts_of
from tests.factories.inventory import counts_of, lines_of, make_reservation, make_stock, movements_of

pytestmark = pytest.mark.usefixtures("db")


async def test_a_variant_never_counted_has_none():
    unknown = VariantId(uuid4())
    assert await read(service.get_levels, [unknown]) == {unknown: StockLevel(unknown, 0, 0, 0)}


async def test_a_count_replaces_the_one_before_and_is_kept_as_a_movement():
    [mug] = await make_stock(10)
    await write(service.set_on_hand, [StockLine(mug, 7)], "counted")
    assert await counts_of(mug) == (7, 0)
    assert await movements_of(mug) == [(10, "delivery", None), (-3, "counted", None)]


async def test_the_same_count_again_moves_nothing():
    [mug] = await make_stock(10)
    assert await facts_of(service.set_on_hand, [StockLine(mug, 10)], "counted") == []
    assert len(await movements_of(mug)) == 1


async def test_a_count_below_what_is_promised_is_refused_with_all_others():
    mug, cup = await make_stock(10, 10)
    await make_reservation(StockLine(mug, 4))
    with pytest.raises(BelowReserved):
        await write(service.set_on_hand, lines_of([mug, cup], [3, 3]), "counted")
    assert (await counts_of(mug), await counts_of(cup)) == ((10, 4), (10, 0))
    assert len(await movements_of(cup)) == 1


async def test_a_count_of_just_what_is_promised_is_taken():
    [mug] = await make_stock(10)
    await make_reservation(StockLine(mug, 4))
    await write(service.set_on_hand, [StockLine(mug, 4)], "counted")
    assert await counts_of(mug) == (4, 4)


async def test_only_variants_that_sold_out_or_came_back_are_told():
    new = VariantId(uuid4())
    kept, gone = await make_stock(50, 5)
    told = await facts_of(service.set_on_hand, lines_of([new, kept, gone], [9, 20, 0]), "counted")
    assert told == [AvailabilityChanged(variant_ids=tuple(sorted([new, gone])))]


async def test_a_large_import_is_told_in_events_of_bounded_size():
    lines = [StockLine(VariantId(uuid4()), 1) for _ in range(1200)]
    told = await facts_of(service.set_on_hand, lines, "import")
    assert [len(event.variant_ids) for event in told] == [500, 500, 200]


async def test_a_count_takes_two_statements_whatever_its_size(record_statements):
    lines = [StockLine(VariantId(uuid4()), 1) for _ in range(200)]
    with record_statements() as sent:
        await write(service.set_on_hand, lines, "import")
    assert len([each for each in sent if "kernel.outbox" not in each]) == 2


class OneToken:
    """Knows one member of staff by the token "staff"."""

    def __init__(self, *permissions: str) -> None:
        self.principal = Principal(
            uuid4(), "ida@example.com", "Ida", is_staff=True, permissions=frozenset(permissions), strong=True
        )

    async def verify(self, token):
        return VerifiedToken(self.principal, clock.now(), frozenset()) if token == "staff" else None


STAFF = {"authorization": "Bearer staff"}


async def test_staff_see_and_set_the_stock_of_a_variant(client):
    mug = (await make_stock(10))[0]
    await make_reservation(StockLine(mug, 4))
    with overridden(TokenVerifier, OneToken("stock.view", "stock.edit")):
        put = await client.put(f"/api/v1/admin/stock/{mug}", json={"on_hand": 50}, headers=STAFF)
        got = await client.get(f"/api/v1/admin/stock/{mug}", headers=STAFF)
    assert put.status_code == got.status_code == 200
    assert put.json() == got.json() == {"on_hand": 50, "reserved": 4, "available": 46}


async def test_staff_cannot_count_below_what_is_promised(client):
    mug = (await make_stock(10))[0]
    await make_reservation(StockLine(mug, 4))
    with overridden(TokenVerifier, OneToken("stock.edit")):
        answer = await client.put(f"/api/v1/admin/stock/{mug}", json={"on_hand": 3}, headers=STAFF)
    assert (answer.status_code, answer.json()["code"]) == (409, "below_reserved")
    assert await counts_of(mug) == (10, 4)


@pytest.mark.parametrize("on_hand", [-1, 1.5, "many", None, 10**12])
async def test_a_count_that_is_none_is_refused(client, on_hand):
    mug = (await make_stock(10))[0]
    with overridden(TokenVerifier, OneToken("stock.edit")):
        answer = await client.put(f"/api/v1/admin/stock/{mug}", json={"on_hand": on_hand}, headers=STAFF)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["on_hand"]
    assert await counts_of(mug) == (10, 0)


async def test_who_may_only_look_may_not_count(client):
    mug = (await make_stock(10))[0]
    with overridden(TokenVerifier, OneToken("stock.view")):
        answer = await client.put(f"/api/v1/admin/stock/{mug}", json={"on_hand": 50}, headers=STAFF)
    assert answer.status_code == 403
    assert await counts_of(mug) == (10, 0)


async def test_strangers_see_no_stock(client):
    mug = (await make_stock(10))[0]
    with overridden(TokenVerifier, OneToken("stock.view", "stock.edit")):
        assert (await client.get(f"/api/v1/admin/stock/{mug}")).status_code == 401
