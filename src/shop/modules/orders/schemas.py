"""What goes in and out over HTTP, and what forms are checked by."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.contracts.orders import Address, Addresses, FulfilmentStatus, HistoryEntry, Order, OrderLine, OrderStatus
from shop.contracts.payments import Payment, PaymentRequest, PaymentStatus
from shop.contracts.pricing import Totals
from shop.kernel import postal
from shop.kernel.http.fields import CountryCode, Email, Line, OptionalLine, Phone, PostalCode, ShortLine
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
    """`token` stands for a card that the provider holds, `method_id` for one that the account has stored."""

    provider: ShortLine
    token: PaymentToken | None = None
    method_id: PaymentToken | None = None

    def request(self) -> PaymentRequest:
        return PaymentRequest(self.provider, self.token or None, self.method_id or None)


class CheckoutInput(msgspec.Struct, frozen=True):
    """`expected_total` is the total that the buyer was shown; the order is refused when today's differs.
    The billing address is the shipping address when left out."""

    email: Email
    shipping_address: AddressInput
    shipping_method: ShortLine
    payment: PaymentInput
    expected_total: Money
    billing_address: AddressInput | None = None


class PaymentView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`client_secret` and `redirect_url` are there while the buyer must act; `failure` says why it failed."""

    id: UUID
    provider: str
    status: PaymentStatus
    amount: Money
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None


class OrderView(msgspec.Struct, frozen=True):
    """`access_token` is shown at creation only; it opens this order as the header `Order-Token`."""

    id: UUID
    number: str
    status: OrderStatus
    fulfilment_status: FulfilmentStatus
    account_id: AccountId | None
    email: str
    amount_due: Money
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
