"""What a browser posts, as what the use cases take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.payments import PaymentMethod
from shop.kernel.http.sessions import Session, StoredSession
from shop.kernel.ids import new_id, new_token
from shop.kernel.money import Money
from shop.modules.orders.pages.forms import (
    NEVER_AGREED,
    ORDERS_KEPT,
    agreed_total,
    attempt_in,
    known_orders,
    nested,
    payment_in,
    policy_for,
    remember_order,
)


def test_dotted_names_become_groups_and_empty_fields_are_left_out():
    form = {"email": "a@b.c", "shipping_address.city": "Berlin", "shipping_address.line2": "", "x": ""}
    assert nested(form) == {"email": "a@b.c", "shipping_address": {"city": "Berlin"}}


def test_a_name_that_is_both_a_field_and_a_group_stays_the_field():
    assert nested({"payment": "x", "payment.token": "ok"}) == {"payment": "x"}


def test_the_agreed_total_is_the_one_shown_for_the_chosen_delivery():
    form = {"shipping_method": "express", "expected_total.standard": "EUR 4488", "expected_total.express": "EUR 4988"}
    assert agreed_total(form) == Money(4988, "EUR")


@pytest.mark.parametrize("told", ["", "EUR", "EUR -1", "EUR 1.5", "eur 1", "EUR 9999999999999999", "٣", "EUR 1 "])
def test_what_is_no_total_was_never_agreed_to(told):
    assert agreed_total({"shipping_method": "standard", "expected_total.standard": told}) == NEVER_AGREED


@given(st.dictionaries(st.sampled_from(["shipping_method", "expected_total.", "expected_total.x"]), st.text()))
def test_any_form_has_agreed_to_some_total_or_none(form):
    assert agreed_total(form).amount >= -1


def test_only_the_chosen_providers_fields_count():
    form = {"payment.provider": "stripe", "payment.sandbox.token": "ok", "payment.stripe.method_id": "pm_1"}
    assert payment_in(form) == {"provider": "stripe", "method_id": "pm_1"}
    assert payment_in({}) == {}


@pytest.mark.parametrize("attempt", ["", "short", "x" * 65, "a b" * 10, "ü" * 20])
def test_a_key_that_is_not_of_our_making_counts_for_nothing(attempt):
    assert attempt_in({"attempt": attempt}) is None


def test_a_key_of_our_making_counts():
    key = new_token()
    assert attempt_in({"attempt": key}) == key


def test_a_browser_remembers_its_latest_orders():
    session = Session(StoredSession("t", None, {"orders": "nonsense"}))
    ids = [new_id() for _ in range(ORDERS_KEPT + 5)]
    for each in [*ids, ids[-1]]:
        remember_order(session, each)
    assert known_orders(session) == [str(each) for each in ids[-ORDERS_KEPT:]]
    assert session.changed


def test_providers_may_ask_for_sources_of_their_forms():
    def method(**public):
        return PaymentMethod("p", "P", "t", public)

    asked = policy_for(
        [method(**{"csp.frame-src": "https://a.example"}), method(**{"csp.frame-src": "https://b.example", "key": "x"})]
    )
    assert asked == {"frame-src": "https://a.example https://b.example"}
