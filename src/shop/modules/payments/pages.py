"""The buyer's way back from a provider, the bank that the sandbox's test cards ask, and payments' share of other pages."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.http.access import public
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of
from shop.kernel.http.templating import page, render_text
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.ports import SANDBOX
from shop.modules.payments.repository import intents
from shop.modules.payments.service.process_payment import look_up_payment

ShopRequest = Request[Any, Any, Any]


@get("/payments/{payment_id:uuid}/return", guards=[public], include_in_schema=False)
async def return_from_provider(payment_id: FromPath[UUID]) -> Redirect:
    """That the buyer is back proves nothing: the provider is asked. The page of the order, or of the wallet that is being
    filled, says what came of it."""
    payment = await look_up_payment(payment_id)
    way = "/account/wallet" if payment.order_id is None else f"/orders/{payment.order_id}"
    return Redirect(way, status_code=303)


@get("/sandbox/3ds/{payment_id:uuid}", guards=[public], include_in_schema=False)
async def sandbox_challenge(request: ShopRequest, payment_id: FromPath[UUID]) -> Response[Any]:
    charge = await SANDBOX.find_challenge(payment_id)
    if charge is None:
        return _way_back(payment_id)
    await session_of(request)
    return await page(
        request,
        "payments/sandbox_3ds.html",
        {"payment_id": payment_id, "amount": Money(charge.amount, charge.currency), "test_card": charge.token},
    )


@post("/sandbox/3ds/{payment_id:uuid}", guards=[public], include_in_schema=False)
async def answer_sandbox_challenge(request: ShopRequest, payment_id: FromPath[UUID]) -> Redirect:
    form = await form_fields(request)
    await SANDBOX.answer_challenge(payment_id, approved=form.get("action") == "approve")
    return _way_back(payment_id)


async def render_staff_notes(uow: UnitOfWork, context: dict[str, Any]) -> str:
    """Fills `admin.order`: what staff have to look into among the payments of the order shown."""
    notes = await intents.find_staff_notes(uow, context["order"].id)
    return render_text("payments/_staff_notes.html", {"notes": notes}) if notes else ""


def _way_back(payment_id: UUID) -> Redirect:
    return Redirect(f"/payments/{payment_id}/return", status_code=303)


ROUTES: Final = (return_from_provider, sandbox_challenge, answer_sandbox_challenge)
