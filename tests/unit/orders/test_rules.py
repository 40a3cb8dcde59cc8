"""What makes an order right, and who may see it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.cart import CartToken
from shop.contracts.identity import AccountId
from shop.contracts.orders import Address, Addresses, Order, OrderId, OrderLine
from shop.contracts.payments import Payment, PaymentId
from shop.contracts.pricing import Totals
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id, new_token
from shop.kernel.money import Money
from shop.modules.orders.rules import (
    STATUSES,
    action_wanted,
    amount_due,
    checked_contact,
    checkout_key,
    may_be_paid,
    may_see,
    newest_failure,
    progress_of,
    taxes_of,
)
from shop.modules.orders.schemas import AddressInput, CheckoutInput, PaymentInput, order_view

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOTAL = Money(4488, "EUR")
NOTHING = Money(0, "EUR")
ADA = Address("Ada Lovelace", "Unter den Linden 5", "Berlin", "10117", "DE")


def an_order(**changes):
    order = Order(
        id=OrderId(new_id()),
        number="SO-100001",
        access_token=new_token(),
        status="paid",
        fulfilment_status="unfulfilled",
        account_id=None,
        email="ada@example.com",
        amount_due=NOTHING,
        received=Money(0, "EUR"),
        refunded=Money(0, "EUR"),
        totals=Totals(Money(3998, "EUR"), NOTHING, Money(490, "EUR"), NOTHING, TOTAL, tax_included=True),
        lines=(),
        addresses=Addresses(ADA, ADA),
        shipping_method="standard",
        shipping_label="Standard",
        history=(),
        payments=(),
        created_at=NOW,
        reserved_until=NOW,
    )
    return msgspec.structs.replace(order, **changes)


def a_payment(status, **more):
    return Payment(PaymentId(new_id()), uuid4(), "sandbox", status, TOTAL, **more)


@pytest.mark.parametrize("status", STATUSES)
def test_money_is_due_only_while_an_order_is_unpaid(status):
    due = TOTAL if status in {"pending_payment", "payment_failed"} else NOTHING
    assert amount_due(status, TOTAL) == due


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_unpaid_order_whose_goods_are_held_may_be_paid(status):
    later, earlier = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
    assert may_be_paid(status, later, NOW) == (status in {"pending_payment", "payment_failed"})
    assert not may_be_paid(status, earlier, NOW)
    assert not may_be_paid(status, NOW, NOW)


def test_an_order_is_seen_by_its_owner_and_its_token_alone():
    ada, eve = AccountId(uuid4()), AccountId(uuid4())
    order = an_order(account_id=ada)
    assert may_see(order, ada, None)
    assert may_see(order, None, order.access_token)
    assert may_see(order, eve, order.access_token)
    assert not may_see(order, eve, None)
    assert not may_see(order, None, None)
    assert not may_see(order, None, "")
    assert not may_see(order, None, new_token())


def test_a_guests_order_belongs_to_no_account():
    assert not may_see(an_order(), None, None)
    assert not may_see(an_order(), AccountId(uuid4()), None)


def test_the_checkout_key_tells_carts_and_attempts_apart():
    carts, keys = (CartToken("a"), CartToken("ab")), ("bc", "c")
    assert len({checkout_key(cart, key) for cart in carts for key in keys}) == 4


def test_the_payment_that_waits_for_its_buyer_is_found():
    waiting = a_payment("requires_action")
    assert action_wanted([a_payment("failed"), waiting]) == waiting
    assert action_wanted([a_payment("failed")]) is None


def test_only_the_newest_attempts_failure_is_told():
    failed = a_payment("failed", failure="The card has expired")
    assert newest_failure([failed]) == "The card has expired"
    assert newest_failure([failed, a_payment("captured")]) is None
    assert newest_failure([a_payment("failed")]) == "The payment did not go through"
    assert newest_failure([]) is None


def test_the_access_token_is_shown_only_when_asked_for():
    order = an_order()
    assert "access_token" not in msgspec.to_builtins(order_view(order))
    assert msgspec.to_builtins(order_view(order, with_token=True))["access_token"] == order.access_token


def checkout(email="ada@example.com", billing=None, **address):
    shipping = AddressInput(
        **{"name": " Ada ", "line1": "Street 1", "city": "Berlin", "postal_code": "10117", "country": "DE", **address}
    )
    return CheckoutInput(email, shipping, "standard", PaymentInput("sandbox", "ok"), TOTAL, billing)


def test_a_contact_is_kept_trimmed_and_in_normal_form():
    email, addresses = checked_contact(checkout("Ada@EXAMPLE.com", company="", line2=" ", region=" BE "))
    assert email == "Ada@example.com"
    assert addresses.shipping == Address("Ada", "Street 1", "Berlin", "10117", "DE", region="BE")
    assert addresses.billing == addresses.shipping


@given(st.text(max_size=40))
def test_an_address_is_normal_or_refused_by_field(email):
    kept, refused = "", []
    try:
        kept, _ = checked_contact(checkout(email))
    except Invalid as refusal:
        refused = [error.field for error in refusal.errors]
    assert "@" in kept or refused == ["email"]


def a_line(total, tax, rate):
    money = Money(total, "EUR")
    return OrderLine(new_id(), new_id(), "SKU", "Mug", {}, 1, money, money, Money(tax, "EUR"), rate, None, "/p/mug")


def test_tax_is_told_by_rate_and_what_delivery_holds_of_it():
    totals = Totals(
        Money(3000, "EUR"), NOTHING, Money(490, "EUR"), Money(528, "EUR"), Money(3490, "EUR"), tax_included=True
    )
    lines = (a_line(1000, 65, "0.07"), a_line(1500, 240, "0.19"), a_line(500, 80, "0.190"), a_line(0, 0, "0"))
    told = taxes_of(an_order(totals=totals, lines=lines))
    assert told == [("19", Money(320, "EUR")), ("7", Money(65, "EUR")), (None, Money(143, "EUR"))]
    assert sum((tax for _, tax in told), NOTHING) == totals.tax


def test_an_order_without_tax_tells_none():
    assert taxes_of(an_order(lines=(a_line(1000, 0, "0"),))) == []


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_order_that_goes_on_has_a_stage(status):
    ended = {"expired", "cancelled", "returned", "refunded"}
    assert (progress_of(an_order(status=status)) is None) == (status in ended)
