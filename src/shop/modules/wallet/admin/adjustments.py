"""Money moved by staff: credit, paid out by hand, a purchase, to another wallet, and given back in part or as a whole.

Each form carries a hidden key, so that sent twice it works once, and wants a reason, which the customer reads.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.params import FromPath
from litestar.response import Redirect

from shop.contracts.wallet import (
    InsufficientBalance,
    Operation,
    Posting,
    TransactionId,
    TransactionIdReused,
)
from shop.kernel.db import read, write
from shop.kernel.errors import Conflict, FieldError, Invalid
from shop.kernel.http import fields
from shop.kernel.http.access import staff
from shop.kernel.http.fields import Line
from shop.kernel.http.requests import form_fields
from shop.kernel.http.sessions import session_of, signed_in
from shop.kernel.http.templating import HTMLPage
from shop.kernel.ids import new_token
from shop.kernel.money import Money, format_money
from shop.modules.wallet.admin.wallets import ONE, PAGE, TRANSACTION, render_transaction, render_wallet
from shop.modules.wallet.forms import amount_in, attempt_in
from shop.modules.wallet.rules import staffs_id
from shop.modules.wallet.service.adjust import adjust
from shop.modules.wallet.service.overview import find_owner

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, str]
OPERATIONS: Final[Mapping[str, Operation]] = {"deposit": "deposit", "withdraw": "withdraw", "purchase": "purchase"}
DONE: Final[Mapping[Operation, str]] = {
    "deposit": "{amount} are in the wallet.",
    "withdraw": "{amount} are noted as paid out.",
    "purchase": "{amount} are taken as a purchase.",
    "transfer": "{amount} are in the other wallet.",
    "reversal": "{amount} are given back.",
    "cancellation": "The purchase is cancelled, and {amount} are back.",
}


class Reason(msgspec.Struct, frozen=True):
    reason: Line


@post(f"{ONE}/adjustments", guards=[staff("wallet.adjust")], include_in_schema=False, status_code=200)
async def adjust_from_form(request: AnyRequest, customer_id: FromPath[UUID]) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        operation = OPERATIONS.get(form.get("operation", ""))
        if operation is None:
            raise Invalid.field("operation", "Choose what is to be done")
        amount, reason = _amount_and_reason(form, "amount", "reason")
        await _post(request, form, Posting(**_common(customer_id, operation, reason), amount=amount))
    except Invalid as refusal:
        return await render_wallet(request, customer_id, form, _at_form(refusal))
    except Conflict as refusal:
        return await render_wallet(request, customer_id, form, [_told(refusal, "amount")], 409)
    return Redirect(f"{PAGE}/{customer_id}", status_code=303)


@post(f"{ONE}/transfers", guards=[staff("wallet.adjust")], include_in_schema=False, status_code=200)
async def transfer_from_form(request: AnyRequest, customer_id: FromPath[UUID]) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        amount, reason = _amount_and_reason(form, "transfer_amount", "transfer_reason")
        to = await read(find_owner, form["to"]) if 0 < len(form.get("to", "")) <= 254 else None
        if to is None:
            raise Invalid.field("to", "There is no customer of this address")
        if to.id == customer_id:
            raise Invalid.field("to", "That is this wallet itself")
        wish = Posting(**_common(customer_id, "transfer", reason), amount=amount, counterparty_id=to.id)
        await _post(request, form, wish)
    except Invalid as refusal:
        return await render_wallet(request, customer_id, form, refusal.errors)
    except Conflict as refusal:
        return await render_wallet(request, customer_id, form, [_told(refusal, "transfer_amount")], 409)
    return Redirect(f"{PAGE}/{customer_id}", status_code=303)


@post(f"{TRANSACTION}/reversals", guards=[staff("wallet.adjust")], include_in_schema=False, status_code=200)
async def reverse_from_form(
    request: AnyRequest, customer_id: FromPath[UUID], transaction_id: FromPath[UUID]
) -> HTMLPage | Redirect:
    """All that is left of it where no amount is named."""
    return await _give_back(request, customer_id, transaction_id, "reversal")


@post(f"{TRANSACTION}/cancellation", guards=[staff("wallet.adjust")], include_in_schema=False, status_code=200)
async def cancel_from_form(
    request: AnyRequest, customer_id: FromPath[UUID], transaction_id: FromPath[UUID]
) -> HTMLPage | Redirect:
    return await _give_back(request, customer_id, transaction_id, "cancellation")


async def _give_back(
    request: AnyRequest, customer_id: UUID, parent_id: UUID, operation: Operation
) -> HTMLPage | Redirect:
    form = await form_fields(request)
    try:
        amount = amount_in(form) if operation == "reversal" and form.get("amount") else None
        reason = fields.check(Reason, form).reason
        wish = Posting(**_common(customer_id, operation, reason), amount=amount, parent_id=parent_id)
        await _post(request, form, wish)
    except Invalid as refusal:
        return await render_transaction(request, customer_id, parent_id, form, _at_form(refusal))
    except Conflict as refusal:
        told = _told(refusal, "amount")
        return await render_transaction(request, customer_id, parent_id, form, [told], status=409)
    return Redirect(f"{PAGE}/{customer_id}/transactions/{parent_id}", status_code=303)


def _amount_and_reason(form: Form, amount: str, reason: str) -> tuple[Money, str]:
    """Raises Invalid that names all that is wrong with them, as the form calls them."""
    wrong: list[FieldError] = []
    money, words = None, None
    try:
        money = amount_in(form, amount)
    except Invalid as refusal:
        wrong += refusal.errors
    try:
        words = fields.check(Reason, {"reason": form.get(reason, "")}).reason
    except Invalid as refusal:
        wrong += [FieldError(reason, each.message) for each in refusal.errors]
    if money is None or words is None:
        raise Invalid(wrong)
    return money, words


def _common(customer_id: UUID, operation: Operation, reason: str) -> dict[str, Any]:
    return {
        "id": TransactionId(customer_id),
        "operation": operation,
        "account_id": customer_id,
        "reason": reason,
        "by": "staff",
    }


async def _post(request: AnyRequest, form: Form, wish: Posting) -> None:
    """Under the id that follows from the form's hidden key. Raises what `adjust` does."""
    who = (await signed_in(request)).account_id
    named = staffs_id(None, who, f"page:{wish.account_id}:{wish.operation}:{attempt_in(form) or new_token()}")
    made = await write(adjust, msgspec.structs.replace(wish, id=named, actor_id=who))
    words = DONE[made.operation].format(amount=format_money(made.amount))
    (await session_of(request)).flash("success", words)


def _at_form(refusal: Invalid) -> list[FieldError]:
    """The service names a part of the amount; the form has one field for it."""
    return [FieldError(each.field.partition(".")[0], each.message) for each in refusal.errors] or [
        FieldError("", refusal.detail)
    ]


def _told(refusal: Conflict, field: str) -> FieldError:
    if isinstance(refusal, InsufficientBalance):
        return FieldError(field, f"There are only {format_money(refusal.extra['available'])}")
    if isinstance(refusal, TransactionIdReused):
        return FieldError("", "This form was sent before with something else in it. Look below at what came of it")
    return FieldError("", refusal.detail)


ROUTES: Final = (adjust_from_form, transfer_from_form, reverse_from_form, cancel_from_form)
