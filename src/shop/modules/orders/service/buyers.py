"""What orders hold on a person: which are theirs, all of it told, and all of it let go of but what the law has a shop keep."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.identity import Kept, Person
from shop.contracts.orders import Address, Addresses, OpenOrders, OrderId
from shop.kernel import clock
from shop.kernel.http.idempotency import forget_answers
from shop.kernel.ids import new_token
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import buyers
from shop.modules.orders.rules import UNFINISHED
from shop.modules.orders.schemas import order_view
from shop.modules.orders.service.show_orders import find_orders

KIND: Final = "order"
"""What orders are called among `Person.things`."""
ERASED: Final = "erased"
NOBODY: Final = "erased@erased.invalid"
"""RFC 6761: mail to it goes nowhere."""
ANSWERS_KEPT: Final = timedelta(days=8)
"""Stored answers to a checkout are forgotten by then."""
KEPT: Final = Kept(
    "Orders with their articles, sums, taxes, dates and payments, and the country, region and beginning of the postal"
    " code that they went to",
    "Tax and commercial law has a shop keep its books; name, street, town, e-mail address and phone are erased",
)


class BuyersShare:
    """`contracts.identity.PersonalThings`, `PersonalData` and `ErasureHindrance`."""

    async def find_things(self, uow: UnitOfWork, person: Person) -> Mapping[str, tuple[UUID, ...]]:
        return {KIND: tuple(await buyers.find_orders_of(uow, person.account_id, person.email, person.until))}

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        orders = await find_orders(uow, [OrderId(each) for each in person.things.get(KIND, ())])
        return (
            {"orders": [_told(msgspec.to_builtins(order_view(order))) for order in orders.values()]} if orders else {}
        )

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        ids = person.things.get(KIND, ())
        if not ids:
            return ()
        for buyer in await buyers.lock_buyers(uow, ids):
            without = Addresses(_without_person(buyer.addresses.shipping), _without_person(buyer.addresses.billing))
            await buyers.set_buyer(uow, buyer.id, NOBODY, without, new_token())
        recent = await buyers.find_recent(uow, ids, clock.now() - ANSWERS_KEPT)
        if recent:
            await forget_answers(uow, recent)
        return (KEPT,)

    async def check_erasable(self, uow: UnitOfWork, person: Person) -> None:
        """Raises OpenOrders."""
        numbers = await buyers.find_numbers(uow, person.things.get(KIND, ()), UNFINISHED)
        if numbers:
            raise OpenOrders(numbers)


def _told(order: dict[str, Any]) -> dict[str, Any]:
    """Without what opens a payment at its provider."""
    payments = [{name: value for name, value in each.items() if name != "client_secret"} for each in order["payments"]]
    return {**order, "payments": payments}


def _without_person(address: Address) -> Address:
    return Address(
        name=ERASED,
        line1=ERASED,
        city=ERASED,
        postal_code=_postal_area(address.postal_code),
        country=address.country,
        region=address.region,
    )


def _postal_area(code: str) -> str:
    """Its beginning: rates of tax differ by it, and it leads to nobody's door. Half of it, three signs at most."""
    signs = "".join(code.split())
    return signs[: min(3, max(1, len(signs) // 2))]
