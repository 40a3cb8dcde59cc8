"""What staff did with money is told to them, and stays on record when they are erased; what they noted on a buyer goes with the
buyer."""

from datetime import timedelta

import pytest

from shop.contracts.identity import Person
from shop.contracts.payments import Payments
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from shop.modules.payments.ports import DEEDS_KEPT, PAYERS, PAYMENTS_KEPT
from shop.modules.payments.repository import by_hand
from shop.modules.payments.service import reconcile
from tests.factories.identity import make_account
from tests.factories.payments import make_processed, scalar, wish_refund
from tests.factories.reconciliation import change_payment, open_discrepancies, reconciled

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def _limit(monkeypatch):
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "10.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def busy(_limit, fake, records):
    """The order of a buyer, and two of staff: one asked, the other decided and did all the rest."""
    asks, decides = await make_account("asks@example.com"), await make_account("decides@example.com")
    payment = await make_processed("ok", provider="fake")
    request = port(Payments).request_refunds
    (refund,) = await write(request, payment.order_id, wish_refund(1500, by=asks, reason="Broken handle"))
    await write(port(Payments).decide_refund, refund.id, approve=True, by=decides)
    await write(by_hand.add_receipt, payment.id, decides)
    await write(by_hand.add_payout, refund.id, decides)
    await write(reconcile.begin_run, clock.now() - timedelta(hours=1), clock.now(), decides)
    await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    await change_payment(payment.id, "amount = 2500")
    await reconciled()
    (found,) = await open_discrepancies()
    await write(reconcile.resolve, found.id, "Ada Lovelace called", decides)
    return payment.order_id, asks, decides


def staff(account_id):
    return Person(account_id=account_id, email="staff@example.com", things={})


async def deeds_of(account_id):
    return [each["deed"] for each in (await read(PAYERS.export, staff(account_id))).get("done_as_staff", [])]


async def test_staff_are_told_what_they_did(busy):
    _, asks, decides = busy
    assert await deeds_of(asks) == ["refund requested"]
    assert set(await deeds_of(decides)) == {
        "refund decided",
        "receipt recorded",
        "payout recorded",
        "reconciliation begun",
        "discrepancy resolved",
    }
    told = str(await read(PAYERS.export, staff(decides)))
    assert "Ada Lovelace called" in told
    assert "Broken handle" not in told
    assert await deeds_of(new_id()) == []


async def test_what_staff_decided_stays_on_record_and_they_are_told_so(busy):
    _, asks, decides = busy
    for account_id in (asks, decides):
        assert await write(PAYERS.erase, staff(account_id)) == [DEEDS_KEPT]
    assert await scalar("select requested_by from payments.refund") == asks
    assert await scalar("select decided_by from payments.refund") == decides
    assert await scalar("select note from payments.discrepancy") == "Ada Lovelace called", "the buyer is still there"
    assert await write(PAYERS.erase, staff(new_id())) == []


async def test_what_was_noted_on_a_buyer_is_told_and_goes_with_the_buyer(busy):
    order_id, _, decides = busy
    buyer = Person(account_id=None, email="ada@example.com", things={"order": (order_id,)})
    (told,) = (await read(PAYERS.export, buyer))["discrepancies"]
    assert told["note"] == "Ada Lovelace called"
    assert str(decides) not in str(await read(PAYERS.export, buyer))
    assert await write(PAYERS.erase, buyer) == [PAYMENTS_KEPT]
    assert await scalar("select note from payments.discrepancy") is None
    assert await scalar("select state from payments.discrepancy") == "resolved"
