"""Our books held against the provider's: what differs is mended where that is safe, and put before staff where it isn't."""

from datetime import timedelta

import msgspec
import pytest

from shop.contracts.payment_providers import ProviderAnswer
from shop.contracts.payments import Payments
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.errors import DiscrepancyNotFound, DiscrepancyResolved
from shop.modules.payments.repository import discrepancies
from shop.modules.payments.service import reconcile
from shop.modules.payments.service.process_refund import look_up_refunds
from tests.factories.payments import call_off, fall_due, get_intent, make_payment, make_processed, scalar, wish_refund
from tests.factories.reconciliation import change_payment, open_discrepancies, reconciled

pytestmark = pytest.mark.usefixtures("db")
TWO_HOURS = timedelta(hours=2)


async def paid(**fields):
    return await make_processed("ok", provider="fake", **fields)


async def test_books_that_agree_leave_nothing_to_do(records, told):
    for _ in range(3):
        await paid()
    await make_processed("ok")
    run = await reconciled()
    assert (run.status, run.compared, run.mended, run.found, run.message) == ("done", 4, 0, 0, None)
    assert await open_discrepancies() == []


async def test_money_that_was_taken_and_never_heard_of_pays_its_order(fake, records, told):
    fake.loses_answers = True
    payment = await paid()
    await change_payment(payment.id, "next_check_at = null")
    await fall_due(payment.id, TWO_HOURS)
    await change_payment(payment.id, "next_check_at = null")
    fake.loses_answers = False
    run = await reconciled()
    assert (run.mended, run.found) == (1, 0)
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]


async def test_money_that_comes_after_we_gave_up_pays_its_order_too(fake, records, told):
    fake.loses_answers = True
    payment = await paid()
    await change_payment(payment.id, "status = 'failed', next_check_at = null")
    run = await reconciled()
    assert (run.mended, run.found) == (1, 0)
    assert told.captured == [payment.id]


async def test_a_payment_that_is_being_made_is_left_to_itself(fake, records, told):
    fake.loses_answers = True
    payment = await paid()
    run = await reconciled()
    assert (run.mended, run.found) == (0, 0)
    assert (await get_intent(payment.id)).status == "pending"


async def test_an_authorization_that_lapsed_unheard_is_mended(fake, records, told):
    payment = await make_processed("authorized", provider="fake")
    await change_payment(payment.id, "status = 'authorized', captured_amount = 0, next_check_at = null")
    fake.decide(payment.id, "cancelled")
    await fall_due(payment.id, TWO_HOURS)
    await change_payment(payment.id, "next_check_at = null")
    run = await reconciled()
    assert (run.mended, run.found) == (1, 0)
    assert (await get_intent(payment.id)).status == "cancelled"


async def test_a_charge_without_a_payment_is_put_before_staff(records):
    unknown = records.take_strangers_money(5000)
    named = records.take_strangers_money(700, payment_id=new_id())
    run = await reconciled()
    assert (run.status, run.found) == ("done", 2)
    found = {each.provider_ref: each for each in await open_discrepancies()}
    assert {each.kind for each in found.values()} == {"paid_no_order"}
    assert found[unknown.provider_ref].theirs == "€50.00 taken"
    assert "another shop" in found[unknown.provider_ref].reason
    assert "refund it there" in found[named.provider_ref].reason


async def test_a_charge_without_a_payment_is_closed_once_its_money_went_back(records):
    charge = records.take_strangers_money(5000)
    await reconciled()
    records.strangers = [msgspec.structs.replace(charge, refunded=Money(5000, "EUR"))]
    await reconciled()
    assert await open_discrepancies() == []
    assert await scalar("select state from payments.discrepancy") == "mended"


async def test_a_payment_that_the_provider_does_not_know_is_put_before_staff(fake, records, told):
    payment = await paid()
    del fake.books[payment.id]
    run = await reconciled()
    (found,) = await open_discrepancies()
    assert (run.found, found.kind, found.payment_id, found.order_id) == (
        1,
        "order_no_payment",
        payment.id,
        payment.order_id,
    )
    assert (found.ours, found.theirs) == ("€19.99 taken", "no such charge")
    assert (await get_intent(payment.id)).status == "captured", "nothing is taken from the order without a person"


async def test_a_payment_that_the_provider_has_not_taken_is_put_before_staff(fake, records):
    payment = await paid()
    fake.decide(payment.id, "authorized")
    await reconciled()
    (found,) = await open_discrepancies()
    assert (found.kind, found.theirs) == ("order_no_payment", "€19.99 held, not taken")
    assert "Don't send goods" in found.reason


@pytest.mark.parametrize(
    ("changes", "theirs"),
    [
        ({"captured": Money(1000, "EUR")}, "€10.00 taken of €19.99"),
        ({"amount": Money(1999, "USD"), "captured": Money(1999, "USD")}, "$19.99 taken"),
        ({"amount": Money(2500, "EUR"), "captured": Money(1999, "EUR")}, "€19.99 taken of €25.00"),
    ],
)
async def test_other_amounts_are_put_before_staff(fake, records, changes, theirs):
    payment = await paid()
    fake.books[payment.id] = msgspec.structs.replace(fake.books[payment.id], **changes)
    await reconciled()
    found = await open_discrepancies()
    assert {each.kind for each in found} == {"wrong_amount"}
    assert found[0].theirs == theirs
    assert (await get_intent(payment.id)).captured_amount == 1999


async def test_a_refund_made_in_the_dashboard_is_entered_and_told(records, told):
    payment = await paid()
    records.given_back[payment.id] = 500
    run = await reconciled()
    assert (run.mended, run.found) == (1, 0)
    assert told.refunded == [(payment.id, 500)]
    intent = await get_intent(payment.id)
    assert (intent.status, intent.refunded_amount) == ("partially_refunded", 500)
    (refund,) = await read(port(Payments).find_refunds, payment.order_id)
    assert (refund.status, refund.requested_by, refund.reason) == ("done", None, "Given back at the provider")


async def test_a_second_run_finds_nothing_new(fake, records, told):
    payment, gone = await paid(), await paid()
    records.given_back[payment.id] = 500
    del fake.books[gone.id]
    records.take_strangers_money(5000)
    first = await reconciled()
    again = await reconciled()
    assert (first.mended, first.found) == (1, 2)
    assert (again.mended, again.found) == (0, 0)
    assert told.refunded == [(payment.id, 500)]
    assert len(await open_discrepancies()) == 2


async def test_a_refund_under_way_is_not_taken_for_a_strangers(fake, records, told):
    fake.refund_status = "pending"
    payment = await paid()
    await write(port(Payments).request_refunds, payment.order_id, wish_refund(500))
    await port(Payments).process_refunds(payment.order_id)
    run = await reconciled()
    assert (run.mended, run.found, told.refunded) == (0, 0, [])
    fake.refund_status = "done"
    records.given_back[payment.id] = 200
    run = await reconciled()
    assert (run.mended, run.found) == (1, 0)
    assert told.refunded == [(payment.id, 500), (payment.id, 200)]


async def test_a_refund_that_is_asked_for_while_books_are_compared_is_entered_once(fake, records, told, monkeypatch):
    payment = await paid()
    records.given_back[payment.id] = 1  # so that the payment is looked at
    look_up = fake.look_up

    async def meanwhile(intent):
        """The shop's own refund is done, and its answer on its way, when the provider is asked."""
        if not fake.refunds:
            fake.refund_status = "pending"
            await write(port(Payments).request_refunds, payment.order_id, wish_refund(300))
            await port(Payments).process_refunds(payment.order_id)
            fake.refund_status = "done"
        return await look_up(intent)

    monkeypatch.setattr(fake, "look_up", meanwhile)
    await reconciled()
    assert sorted(told.refunded) == [(payment.id, 1), (payment.id, 300)]
    assert await scalar("select sum(amount) from payments.refund") == 301


async def test_a_refund_that_bounces_while_books_are_compared_is_no_strangers(fake, records, told, monkeypatch):
    """The provider's answer still tells of it when it has failed here already."""
    payment = await paid()
    records.given_back[payment.id] = 1  # so that the payment is looked at
    look_up = fake.look_up

    async def meanwhile(intent):
        if not records.given_back:
            return await look_up(intent)
        records.given_back.clear()
        fake.refund_status = "pending"
        await write(port(Payments).request_refunds, payment.order_id, wish_refund(300))
        await port(Payments).process_refunds(payment.order_id)
        answer = await look_up(intent)
        fake.refund_status = "failed"
        await look_up_refunds(await get_intent(payment.id))
        fake.refunds.clear()
        return answer

    monkeypatch.setattr(fake, "look_up", meanwhile)
    run = await reconciled()
    assert (run.mended, run.found, told.refunded) == (0, 0, [])
    assert (await get_intent(payment.id)).refunded_amount == 0


async def test_more_given_back_than_is_left_is_put_before_staff(records, told):
    payment = await paid()
    await write(port(Payments).request_refunds, payment.order_id, wish_refund(1500))
    await port(Payments).process_refunds(payment.order_id)
    records.given_back[payment.id] = 600
    run = await reconciled()
    (found,) = await open_discrepancies()
    assert (run.found, found.kind) == (1, "wrong_refund")
    assert (found.ours, found.theirs) == ("€19.99 taken, €15.00 given back", "€19.99 taken, €21.00 given back")
    assert told.refunded == [(payment.id, 1500)]


async def test_a_refund_that_bounced_is_put_before_staff(fake, records):
    payment = await paid()
    await write(port(Payments).request_refunds, payment.order_id, wish_refund(500))
    await port(Payments).process_refunds(payment.order_id)
    fake.refunds.clear()
    await reconciled()
    (found,) = await open_discrepancies()
    assert (found.kind, found.theirs) == ("wrong_refund", "€19.99 taken")
    assert "bounced" in found.reason


async def test_money_of_an_ended_order_that_could_not_go_back_is_put_before_staff(fake, records):
    payment = await paid()
    await call_off(payment.order_id)
    await change_payment(payment.id, "called_off_at = now() - interval '2 hours', next_check_at = null")
    await reconciled()
    (found,) = await open_discrepancies()
    assert found.kind == "paid_no_order"
    assert "The order ended" in found.reason


async def test_what_a_later_run_finds_gone_is_closed(fake, records):
    payment = await paid()
    kept = fake.books.pop(payment.id)
    await reconciled()
    assert len(await open_discrepancies()) == 1
    fake.books[payment.id] = kept
    await reconciled()
    assert await open_discrepancies() == []
    assert await scalar("select state from payments.discrepancy") == "mended"


async def test_what_is_older_than_the_time_compared_is_looked_at_again(fake, records):
    payment = await paid()
    kept = fake.books.pop(payment.id)
    await reconciled()
    fake.books[payment.id] = kept
    records.made_at[payment.id] = clock.now() - timedelta(days=30)
    await change_payment(payment.id, "created_at = now() - interval '30 days'")
    await reconciled()
    assert await open_discrepancies() == []


async def test_what_staff_resolved_is_not_opened_again_while_the_books_say_the_same(fake, records):
    charge = records.take_strangers_money(5000)
    await reconciled()
    (found,) = await open_discrepancies()
    resolved = await write(reconcile.resolve, found.id, "The fair in May, paid by terminal", new_id())
    assert (resolved.state, resolved.note) == ("resolved", "The fair in May, paid by terminal")
    await reconciled()
    assert await open_discrepancies() == []
    records.strangers = [msgspec.structs.replace(charge, refunded=Money(100, "EUR"))]
    await reconciled()
    assert len(await open_discrepancies()) == 1, "another matter by now"


async def test_a_discrepancy_is_resolved_once():
    with pytest.raises(DiscrepancyNotFound):
        await write(reconcile.resolve, new_id(), "Seen", new_id())


async def test_one_that_is_closed_stays_so(records):
    records.take_strangers_money(5000)
    await reconciled()
    (found,) = await open_discrepancies()
    await write(reconcile.resolve, found.id, "Seen", new_id())
    with pytest.raises(DiscrepancyResolved):
        await write(reconcile.resolve, found.id, "Seen again", new_id())


async def test_an_old_list_is_not_believed_against_the_present(fake, records, told):
    """The provider's list shows a charge as it was a moment ago."""
    payment = await make_processed("action", provider="fake")
    before = fake.books[payment.id]
    fake.decide(payment.id, "captured")
    await port(Payments).process_payment(payment.id)
    await change_payment(payment.id, "status = 'captured', captured_amount = amount")
    records.stale[payment.id] = before
    run = await reconciled()
    assert (run.mended, run.found) == (0, 0)


async def test_payments_of_a_provider_that_lists_them_late_are_asked_for_one_by_one(records):
    payment = await paid()
    records.made_at[payment.id] = clock.now() - timedelta(days=40)
    run = await reconciled()
    assert (run.compared, run.found) == (1, 0)


async def test_an_answer_for_another_payment_changes_nothing(fake, records, told):
    payment, other = await make_payment("ok", provider="fake"), await make_payment("ok", provider="fake")
    fake.books[payment.id] = ProviderAnswer(
        provider_ref="fake_x",
        status="captured",
        amount=payment.amount,
        captured=payment.amount,
        payment_id=payment.id,
        order_id=other.order_id,
    )
    await fall_due(payment.id, TWO_HOURS)
    await reconciled()
    (found,) = await open_discrepancies()
    assert found.kind == "unknown_state"
    assert told.captured == []
    assert await read(discrepancies.find, found.id) == found
