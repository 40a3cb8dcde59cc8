"""What the fault tests of payment gateways share: orders placed over the API, and what the shop has kept of their payments."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import httpx
import msgspec

from tests.reliability.clients import Buyer, Json, Wanted
from tests.reliability.harness import Shop

AT_ONCE = 16
STOCK = 1_000_000
SWEPT_WITHIN = 600.0
OPEN = ("pending", "requires_action", "authorized")
CheckOut = Callable[[int, Wanted], Awaitable[Json]]


async def place_orders(
    client: httpx.AsyncClient,
    variants: list[str],
    payments: list[dict[str, str]],
    check_out: CheckOut | None = None,
) -> list[dict[str, Any]]:
    """One for each way to pay, AT_ONCE at a time, by buyers who repeat whatever gets no answer. `check_out` is told which one
    it is, where not all are guests."""
    slots = asyncio.Semaphore(AT_ONCE)
    buyer = Buyer(client, slots)
    placed: list[dict[str, Any]] = []

    async def place(number: int, payment: dict[str, str]) -> None:
        async with slots:
            wanted = await buyer.fill_cart([(variants[number % len(variants)], 1)])
            body = wanted.body | {"payment": payment}
            wanted = msgspec.structs.replace(wanted, body=body)
            placed.append(await (check_out(number, wanted) if check_out else buyer.check_out(wanted)))

    async with asyncio.TaskGroup() as tasks:
        for number, payment in enumerate(payments):
            tasks.create_task(place(number, payment))
    return placed


def payments_of(orders: list[dict[str, Any]]) -> set[str]:
    return {payment["id"] for order in orders for payment in order["payments"]}


async def settled(shop: Shop, statuses: tuple[str, ...] = OPEN, of: Collection[str] | None = None) -> None:
    """Returns when no payment, or none of these orders, is in one of these any more. The minutes until the next look at each
    are passed over."""
    deadline, mine = time.monotonic() + SWEPT_WITHIN, None if of is None else list(of)
    while True:
        shop.let_leases_run_out()
        await asyncio.sleep(2)
        left = shop.ask(
            "select provider, status, attempts, called_off_at is not null, staff_note, count(*) from payments.payment"
            " where status = any(%s) and (%s::uuid[] is null or order_id = any(%s::uuid[])) group by 1, 2, 3, 4, 5",
            list(statuses),
            mine,
            mine,
        )
        if not left:
            return
        assert time.monotonic() < deadline, f"payments (provider, status, attempts, called off, note, how many): {left}"


def shop_records(shop: Shop, provider: str) -> dict[str, dict[str, Any]]:
    """By payment: status, captured, order_status, ref."""
    rows = shop.ask(
        "select p.id, p.status, p.captured_amount, o.status, p.provider_ref from payments.payment p"
        " join orders.sales_order o on o.id = p.order_id where p.provider = %s",
        provider,
    )
    return {
        str(payment_id): {"status": status, "captured": captured, "order_status": order_status, "ref": ref}
        for payment_id, status, captured, order_status, ref in rows
    }
