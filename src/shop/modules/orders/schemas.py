"""What goes in and out over HTTP, and what forms are checked by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.contracts.orders import Address, Addresses, FulfilmentStatus, HistoryEntry, Order, OrderLine, OrderStatus
from shop.contracts.payments import (
    MethodShown,
    Payment,
    PaymentRequest,
    PaymentStatus,
    Refund,
    RefundStatus,
    RefundTo,
)
from shop.contracts.pricing import Totals
from shop.kernel import postal
from shop.kernel.http.fields import (
    PRINTABLE,
    CountryCode,
    Email,
    Line,
    OptionalLine,
    Phone,
    PositiveMoney,
    PostalCode,
    ShortLine,
)
from shop.kernel.money import Money

PaymentToken = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[\x21-\x7e]*$(?!\n)")]


class AddressInput(msgspec.Struct, frozen=True):
    name: Line
    line1: Line
    city: Line
    postal_code: PostalCode
    country: CountryCode
    company: OptionalLine | None = None
    line2: OptionalLine | None = None
    region: OptionalLine | None = None
    phone: Phone | None = None

    def address(self) -> Address:
        """As its country writes it, as far as that is known; parts left empty left out."""
        parts = {name: (value or "").strip() or None for name, value in msgspec.structs.asdict(self).items()}
        return msgspec.convert(postal.normal(parts), Address)


class PaymentInput(msgspec.Struct, frozen=True):
    """`token` stands for a card that the provider holds, `method_id` for one that the account has stored; `save` asks to
    store this one for the next time."""

    provider: ShortLine
    token: PaymentToken | None = None
    method_id: PaymentToken | None = None
    save: bool = False

    def request(self) -> PaymentRequest:
        return PaymentRequest(self.provider, self.token or None, self.method_id or None, self.save)


class FurtherPayment(PaymentInput, frozen=True):
    """`use_wallet`: what the wallet holds is used first, the rest is paid as chosen. `replace`: a payment that waits for the
    buyer (3-D Secure, an approval, a transfer) is cancelled first, instead of refusing this one."""

    use_wallet: bool = False
    replace: bool = False


class CheckoutInput(msgspec.Struct, frozen=True):
    """`expected_total` is the total that the buyer was shown; the order is refused when today's differs.
    The billing address is the shipping address when left out."""

    email: Email
    shipping_address: AddressInput
    shipping_method: ShortLine
    payment: PaymentInput
    expected_total: Money
    billing_address: AddressInput | None = None
    use_wallet: bool = False


class PaymentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`client_secret` and `redirect_url` are there while the buyer must act; `failure` says why it failed."""

    id: UUID
    provider: str
    status: PaymentStatus
    amount: Money
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None
    captured: Money | None = None
    refunded: Money | None = None
    method: MethodShown | None = None
    instructions: Mapping[str, str] | None = None


class OrderView(msgspec.Struct, frozen=True):
    """`access_token` is shown at creation only; it opens this order as the header `Order-Token`."""

    id: UUID
    number: str
    status: OrderStatus
    fulfilment_status: FulfilmentStatus
    account_id: AccountId | None
    email: str
    amount_due: Money
    received: Money
    refunded: Money
    payments: list[PaymentView]
    lines: tuple[OrderLine, ...]
    totals: Totals
    addresses: Addresses
    shipping_method: str
    shipping_label: str
    history: tuple[HistoryEntry, ...]
    created_at: datetime
    reserved_until: datetime
    access_token: str | msgspec.UnsetType = msgspec.UNSET


def payment_view(payment: Payment) -> PaymentView:
    return PaymentView(
        id=payment.id,
        provider=payment.provider,
        status=payment.status,
        amount=payment.amount,
        client_secret=payment.client_secret,
        redirect_url=payment.redirect_url,
        failure=payment.failure,
        captured=payment.captured,
        refunded=payment.refunded,
        method=payment.method,
        instructions=payment.instructions,
    )


def order_view(order: Order, *, with_token: bool = False) -> OrderView:
    return OrderView(
        id=order.id,
        number=order.number,
        status=order.status,
        fulfilment_status=order.fulfilment_status,
        account_id=order.account_id,
        email=order.email,
        amount_due=order.amount_due,
        received=order.received,
        refunded=order.refunded,
        payments=[payment_view(payment) for payment in order.payments],
        lines=order.lines,
        totals=order.totals,
        addresses=order.addresses,
        shipping_method=order.shipping_method,
        shipping_label=order.shipping_label,
        history=order.history,
        created_at=order.created_at,
        reserved_until=order.reserved_until,
        access_token=order.access_token if with_token else msgspec.UNSET,
    )


class RefundLineInput(msgspec.Struct, frozen=True):
    line_id: UUID
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class RefundInput(msgspec.Struct, frozen=True):
    """An `amount`, or pieces of `lines`, or neither: all that is left. `to` the `original` method, or at once to the buyer's
    `wallet`."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=PRINTABLE)]
    amount: PositiveMoney | None = None
    lines: Annotated[list[RefundLineInput], msgspec.Meta(min_length=1, max_length=200)] | None = None
    to: RefundTo = "original"


class RefundView(msgspec.Struct, frozen=True):
    """Several may come of one wish: one for each payment that the money came by."""

    id: UUID
    payment_id: UUID
    provider: str
    amount: Money
    to: RefundTo
    status: RefundStatus
    reason: str
    failure: str | None


class RefundsView(msgspec.Struct, frozen=True):
    order: OrderView
    items: list[RefundView]


def refund_view(refund: Refund) -> RefundView:
    return RefundView(
        id=refund.id,
        payment_id=refund.payment_id,
        provider=refund.provider,
        amount=refund.amount,
        to=refund.to,
        status=refund.status,
        reason=refund.reason,
        failure=refund.failure,
    )
