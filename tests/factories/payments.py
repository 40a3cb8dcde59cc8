"""Payments for tests, opened through the port as orders would, and looked at as they are stored."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shop.contracts.payment_providers import ProviderAnswer, ProviderDispute
from shop.contracts.payments import Payment, PaymentRequest, Payments, RefundWish
from shop.kernel.db import read, sql, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.repository import intents
from shop.modules.payments.schemas import Intent
from shop.modules.payments.service.apply_answer import apply_answer
from shop.modules.payments.service.disputes import record_dispute


async def make_payment(
    token: str | None = "ok",
    amount: int = 1999,
    currency: str = "EUR",
    provider: str = "sandbox",
    order_id: UUID | None = None,
) -> Payment:
    """An opened payment; its provider has heard nothing of it."""
    request = PaymentRequest(provider, token)
    (opened,) = await write(port(Payments).open_payments, order_id or new_id(), Money(amount, currency), request)
    return opened


async def make_processed(token: str | None = "ok", **fields: Any) -> Payment:
    """One whose provider has been asked once."""
    return await port(Payments).process_payment((await make_payment(token, **fields)).id)


async def get_intent(payment_id: UUID) -> Intent:
    found = await read(intents.find_intent, payment_id)
    assert found is not None
    return found


async def hear(payment_id: UUID, answer: ProviderAnswer) -> Intent:
    """As if its provider had just been asked."""
    return await write(apply_answer, await get_intent(payment_id), answer)


async def dispute(
    payment_id: UUID, status: Any, amount: int, ref: str = "dp_1", currency: str = "EUR", **fields: Any
) -> None:
    """The buyer's bank has this to say."""
    intent = await get_intent(payment_id)
    told = ProviderDispute(ref, intent.provider_ref or "", Money(amount, currency), "fraudulent", status, **fields)
    await write(record_dispute, intent.provider, told, intent)


async def call_off(order_id: UUID) -> None:
    await write(port(Payments).cancel_payments, order_id)


async def fall_due(payment_id: UUID, age: timedelta = timedelta()) -> None:
    """As if the time until its next check had passed, and `age` since it was opened."""
    await write(_change, "next_check_at = now(), created_at = created_at - :age", payment_id, age=age)


async def pass_time(payment_id: UUID, age: timedelta) -> None:
    """As if it had been called off, and its next check set, so much earlier."""
    await write(
        _change, "next_check_at = next_check_at - :age, called_off_at = called_off_at - :age", payment_id, age=age
    )


def wish_refund(amount: int, currency: str = "EUR", **fields: Any) -> RefundWish:
    wanted = {"to": "original", "account_id": None, "reason": "Broken", "by": new_id(), **fields}
    return RefundWish(id=new_id(), amount=Money(amount, currency), **wanted)


async def refunds_fall_due() -> None:
    """As if the time until the next look at every refund under way had passed."""

    async def change(uow: UnitOfWork) -> None:
        await sql(uow).execute(text("update payments.refund set next_check_at = now() where next_check_at is not null"))

    await write(change)


async def hold_for_staff(payment_id: UUID) -> None:
    """As in a shop whose staff say when money is taken."""
    await write(_change, "manual_capture = true", payment_id)


async def is_at_rest(payment_id: UUID) -> bool:
    """Whether the sweep has nothing left to do for it."""
    return await scalar("select next_check_at is null from payments.payment where id = :id", id=payment_id)


async def staff_note(payment_id: UUID) -> str | None:
    return await scalar("select staff_note from payments.payment where id = :id", id=payment_id)


async def scalar(statement: str, **values: Any) -> Any:
    async def ask(uow: UnitOfWork) -> Any:
        return await sql(uow).scalar(text(statement), values)

    return await read(ask)


async def _change(uow: UnitOfWork, changes: str, payment_id: UUID, **values: Any) -> None:
    await sql(uow).execute(text(f"update payments.payment set {changes} where id = :id"), {"id": payment_id, **values})
