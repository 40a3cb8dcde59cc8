"""Attacks on payments and refunds: split requests, races, answers that come when nobody wants them any more."""

import asyncio

import pytest
from sqlalchemy import text

from shop.contracts.identity import Person
from shop.contracts.payment_providers import ProviderDispute, ProviderNews
from shop.contracts.payments import Payer, PaymentRequest, Payments, RefundTooLarge
from shop.kernel.config import settings
from shop.kernel.db import read, sql, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import forget_what_is_through, settle_open_payments
from shop.modules.payments.ports import PAYERS
from shop.modules.payments.repository import housekeeping, intents, refunds
from shop.modules.payments.schemas import NewRefund
from shop.modules.payments.service.apply_answer import apply_answer
from shop.modules.payments.service.disputes import record_dispute
from shop.modules.payments.service.process_payment import look_up_payment
from shop.modules.payments.service.process_refund import finish_refund
from shop.modules.payments.service.receive_event import receive_event
from tests.factories.payments import (
    call_off,
    fall_due,
    get_intent,
    hear,
    hold_for_staff,
    make_payment,
    make_processed,
    scalar,
    wish_refund,
)
from tests.factories.wallet import balance_of, make_wallet

pytestmark = pytest.mark.usefixtures("db")


async def refund(order_id, amount, **fields):
    return await write(port(Payments).request_refunds, order_id, wish_refund(amount, **fields))


@pytest.fixture
def limit(monkeypatch):
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "10.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_sum_above_the_limit_in_slices_needs_a_second_person_too(limit):
    payment = await make_processed("ok")
    by = new_id()
    (first,) = await refund(payment.order_id, 600, by=by)
    (second,) = await refund(payment.order_id, 600, by=by)
    assert (first.status, second.status) == ("pending", "awaiting_approval")
    (to_wallet,) = await refund(payment.order_id, 500, by=new_id(), to="wallet", account_id=await make_wallet())
    assert to_wallet.status == "awaiting_approval"


async def test_what_was_approved_or_rejected_leaves_room_below_the_limit(limit):
    payment = await make_processed("ok")
    by = new_id()
    for approve in (True, False):
        (large,) = await refund(payment.order_id, 1001, by=by)
        await write(port(Payments).decide_refund, large.id, approve=approve, by=new_id())
        if approve:
            (small,) = await refund(payment.order_id, 900, by=by)
            assert small.status == "pending"
            break


async def test_slices_at_once_do_not_pass_the_limit_together(limit):
    payment = await make_processed("ok")
    made = await asyncio.gather(*(refund(payment.order_id, 300) for _ in range(6)))
    given = sum(each.amount.amount for (each,) in made if each.status != "awaiting_approval")
    assert given == 900


async def test_refunds_that_end_at_the_same_moment_end_the_payment():
    payment = await make_processed("ok")
    made = [await refund(payment.order_id, amount) for amount in (999, 1000)]
    found = [await read(refunds.find, each.id) for (each,) in made]
    held = asyncio.Event()

    async def first(uow):
        await finish_refund(uow, found[0], None)
        held.set()
        await asyncio.sleep(0.3)

    async def second(uow):
        await finish_refund(uow, found[1], None)

    running = asyncio.create_task(write(first))
    await held.wait()
    await write(second)
    await running
    assert (await get_intent(payment.id)).status == "refunded"


async def test_a_hold_that_comes_after_the_order_ended_is_let_go(fake):
    payment = await make_payment("authorized", provider="fake")
    fake.pause = asyncio.Event()
    charging = asyncio.create_task(port(Payments).process_payment(payment.id))
    while payment.id not in fake.books:
        await asyncio.sleep(0.01)
    entered = fake.books.pop(payment.id)  # the call is still on its way
    await call_off(payment.order_id)
    await port(Payments).process_order(payment.order_id)
    assert (await get_intent(payment.id)).status == "pending"
    fake.books[payment.id] = entered
    fake.pause.set()
    await charging
    assert fake.books[payment.id].status == (await get_intent(payment.id)).status == "cancelled"


async def test_money_that_comes_late_for_an_order_that_was_refunded_goes_back(fake, told):
    order_id = new_id()
    late = await make_processed("action", provider="fake", order_id=order_id)
    fake.decide(late.id, "failed")
    await look_up_payment(late.id)
    paid = await make_processed("ok", provider="fake", order_id=order_id)
    await refund(order_id, 1999)
    await port(Payments).process_refunds(order_id)
    fake.decide(late.id, "captured")
    intent = await get_intent(late.id)
    captured = fake.books[late.id]
    await hear(late.id, captured)
    await settle_open_payments()
    assert told.captured == [paid.id]
    assert fake.refunded(late.id) == intent.amount


async def test_a_failure_of_an_attempt_that_was_called_off_is_not_told(fake, told):
    payment = await make_processed("action", provider="fake")
    await call_off(payment.order_id)
    fake.decide(payment.id, "failed", "Declined")
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "failed"
    assert told.failed == []


@pytest.mark.parametrize("status", ["needs_response", "under_review", "lost"])
async def test_what_the_buyers_bank_takes_back_is_not_given_to_the_wallet_as_well(status):
    payment = await make_processed("ok")
    ada = await make_wallet()
    dispute = ProviderDispute("dp_1", "x", Money(1500, "EUR"), "fraudulent", status)
    await write(record_dispute, "sandbox", dispute, await get_intent(payment.id))
    with pytest.raises(RefundTooLarge):
        await refund(payment.order_id, 1999, to="wallet", account_id=ada)
    await refund(payment.order_id, 499, to="wallet", account_id=ada)
    assert await balance_of(ada) == 499


async def test_a_dispute_that_the_shop_won_leaves_all_to_give_back():
    payment = await make_processed("ok")
    ada = await make_wallet()
    dispute = ProviderDispute("dp_1", "x", Money(1999, "EUR"), "fraudulent", "won")
    await write(record_dispute, "sandbox", dispute, await get_intent(payment.id))
    await refund(payment.order_id, 1999, to="wallet", account_id=ada)
    assert await balance_of(ada) == 1999


async def test_what_a_provider_told_by_its_own_name_of_a_payment_is_told_and_forgotten_too():
    payment = await make_processed("ok")
    intent = await get_intent(payment.id)
    news = ProviderNews(
        "sandbox", "evt_1", "charge.updated", b'{"email": "ada@example.com"}', None, intent.provider_ref
    )
    await write(receive_event, news)
    person = Person(account_id=None, email="ada@example.com", things={"order": (payment.order_id,)})
    assert "ada@example.com" in str(await read(PAYERS.export, person))
    await write(PAYERS.erase, person)
    assert await scalar("select count(*) from payments.provider_event where payload <> ''") == 0


async def _execute(uow, statement):
    await sql(uow).execute(text(statement))


async def _events():
    return [
        (
            event_id,
            bool(await scalar(f"select payload <> '' from payments.provider_event where event_id = '{event_id}'")),
        )
        for event_id in ("new", "month", "quarter", "stuck", "unknown")
        if await scalar(f"select count(*) from payments.provider_event where event_id = '{event_id}'")
    ]


async def test_a_flood_of_news_does_not_stay_for_ever(monkeypatch):
    monkeypatch.setattr(housekeeping, "AT_ONCE", 2)
    for event_id, days, ref in (
        ("new", 29, "x"),
        ("month", 31, "x"),
        ("quarter", 91, "x"),
        ("stuck", 91, "x"),
        ("unknown", 91, None),
    ):
        await write(receive_event, ProviderNews("sandbox", event_id, "t", b"words", None, ref))
        applied = "now()" if event_id in {"new", "month", "quarter"} else "null"
        await write(
            _execute,
            f"update payments.provider_event set received_at = now() - interval '{days} days', applied_at = {applied}"
            f" where event_id = '{event_id}'",
        )
    await forget_what_is_through()
    assert await _events() == [("new", True), ("month", False), ("stuck", True)]


async def test_old_setups_and_reconciliations_that_found_nothing_are_forgotten():
    for days in (29, 31):
        await write(
            _execute,
            "insert into payments.method_setup (id, account_id, provider, created_at)"
            f" values (gen_random_uuid(), gen_random_uuid(), 'sandbox', now() - interval '{days} days')",
        )
    for days in (92, 91):
        await write(
            _execute,
            "insert into payments.reconciliation (id, since, until, status, created_at, finished_at)"
            f" select gen_random_uuid(), m, m, 'done', m, m from (select now() - interval '{days} days' as m) as at",
        )
    await forget_what_is_through()
    assert await scalar("select count(*) from payments.method_setup") == 1
    assert await scalar("select created_at < now() - interval '91 days' from payments.reconciliation") is True
    assert await scalar("select count(*) from payments.reconciliation") == 1


async def test_reconciliations_that_found_something_stay():
    await write(
        _execute,
        """
        with run as (
            insert into payments.reconciliation (id, since, until, status, created_at, finished_at)
            select gen_random_uuid(), m, m, 'done', m, m from generate_series(
                now() - interval '93 days', now() - interval '92 days', interval '1 day') as m
            returning id, created_at
        )
        insert into payments.discrepancy (id, reconciliation_id, kind, subject, provider, ours, theirs, reason, state)
        select gen_random_uuid(), id, 'k', 's', 'sandbox', 'a', 'b', 'r', 'resolved' from run order by created_at limit 1
        """,
    )
    await forget_what_is_through()
    assert await scalar("select count(*) from payments.reconciliation") == 2


async def test_a_payment_in_somebodys_hands_is_nobody_elses(fake):
    payment = await make_payment("ok", provider="fake")
    assert await write(intents.claim_intent, payment.id) is not None
    assert await write(intents.claim_intent, payment.id) is None
    assert await write(intents.claim_of_order, payment.order_id) is None
    assert await write(intents.claim_due, 10) == []
    await asyncio.gather(*(port(Payments).process_order(payment.order_id) for _ in range(5)))
    assert fake.times_asked == 0


async def test_money_that_comes_late_from_many_sides_is_told_once(fake, told):
    payment = await make_processed("action", provider="fake")
    fake.decide(payment.id, "failed")
    await look_up_payment(payment.id)
    fake.decide(payment.id, "captured")
    before, answer = await get_intent(payment.id), fake.books[payment.id]
    await asyncio.gather(*(write(apply_answer, before, answer) for _ in range(6)))
    assert told.captured == [payment.id]


async def test_what_was_read_before_others_promised_it_is_promised_no_second_time():
    payment, failed = await make_processed("ok"), await make_processed("declined")

    def promise(payment_id, amount, currency="EUR"):
        new = NewRefund(
            id=new_id(),
            payment_id=payment_id,
            request_id=None,
            account_id=None,
            amount=Money(amount, currency),
            destination="original",
            status="pending",
            reason="",
            requested_by=None,
        )
        return write(refunds.promise, new)

    assert [await promise(payment.id, 1, "USD"), await promise(failed.id, 1)] == [False, False]
    assert sorted(await asyncio.gather(*(promise(payment.id, 1000) for _ in range(5)))) == [False] * 4 + [True]
    assert (await get_intent(payment.id)).refunded_amount == 1000


async def test_what_waits_for_staff_is_taken_when_they_say_so_and_not_before(fake, told):
    payment = await make_payment("ok", provider="fake")
    await hold_for_staff(payment.id)
    for _ in range(3):
        await port(Payments).process_order(payment.order_id)
        await fall_due(payment.id)
        await settle_open_payments()
    assert (fake.books[payment.id].status, told.captured) == ("authorized", [])
    await write(port(Payments).request_capture, payment.id, Money(500, "EUR"))
    await port(Payments).process_order(payment.order_id)
    assert (await get_intent(payment.id)).captured_amount == 500
    assert told.captured == [payment.id]


async def test_the_rest_is_not_asked_for_before_the_wallet_holds_its_part(fake):
    payer = Payer(await make_wallet(500), use_wallet=True)
    card = PaymentRequest("fake", "ok")
    _, rest = await write(port(Payments).open_payments, new_id(), Money(2000, "EUR"), card, payer)
    assert (await port(Payments).process_payment(rest.id)).status == "pending"
    assert fake.times_asked == 0
    await port(Payments).process_order(rest.order_id)
    await fall_due(rest.id)
    await settle_open_payments()
    assert (await get_intent(rest.id)).status == "captured"


async def test_what_staff_release_of_a_card_lets_go_of_the_wallets_part_too(fake):
    ada = await make_wallet(500)
    card = PaymentRequest("fake", "authorized")
    _, rest = await write(port(Payments).open_payments, new_id(), Money(2000, "EUR"), card, Payer(ada, use_wallet=True))
    await hold_for_staff(rest.id)
    await port(Payments).process_order(rest.order_id)
    assert await balance_of(ada) == 0
    await write(port(Payments).request_release, rest.id)
    await port(Payments).process_order(rest.order_id)
    assert await balance_of(ada) == 500
    assert fake.books[rest.id].status == "cancelled"
