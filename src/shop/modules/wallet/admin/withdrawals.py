"""Withdrawals that customers asked for, decided: paid out by hand, given back to where it came from, or refused."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.payments import RefundTooLarge
from shop.kernel.db import write
from shop.kernel.errors import Conflict, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.fields import OptionalLine
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage
from shop.kernel.money import format_money
from shop.modules.wallet.admin.wallets import PAGE, render_wallets
from shop.modules.wallet.service import withdrawals

AnyRequest = Request[Any, Any, Any]
DONE: Final = {
    "paid_by_hand": "It is noted as paid out, and the customer is told.",
    "refund": "It is on its way back to where it came from; the customer is told when it is through.",
    "refuse": "It is refused, and the money is back in the wallet.",
}


class Decision(msgspec.Struct, frozen=True):
    reason: OptionalLine = ""


@post(
    "/admin/withdrawals/{withdrawal_id:uuid}/decision",
    guards=[staff("wallet.adjust")],
    include_in_schema=False,
    status_code=200,
)
async def decide_from_form(request: AnyRequest, withdrawal_id: FromPath[UUID]) -> HTMLPage | Redirect:
    """A refusal wants a reason, which the customer reads."""
    who = (await signed_in(request)).account_id
    form = await form_fields(request)
    decision = form.get("decision", "")
    try:
        reason = fields.check(Decision, form).reason
        if decision == "refuse" and not reason:
            raise Invalid.field("reason", "Tell the customer why it is refused")
        if decision == "refuse":
            await write(withdrawals.refuse, withdrawal_id, who, reason)
        elif decision == "refund":
            await write(withdrawals.refund_to_means, withdrawal_id, who)
        elif decision == "paid_by_hand":
            await write(withdrawals.pay_out_by_hand, withdrawal_id, who)
        else:
            raise Invalid.field("decision", "Choose what becomes of it")
    except Invalid as refusal:
        problem = refusal.errors[0].message if refusal.errors else refusal.detail
        return await render_wallets(request, problem=problem, status=422)
    except RefundTooLarge as refusal:
        left = format_money(refusal.extra["refundable"])
        words = f"Only {left} of it ever came by means that can be refunded. Pay it out by hand"
        return await render_wallets(request, problem=words, status=409)
    except Conflict as refusal:
        return await render_wallets(request, problem=refusal.detail, status=409)
    (await session_of(request)).flash("success", DONE[decision])
    return Redirect(PAGE, status_code=303)


ROUTES: Final = (decide_from_form,)
