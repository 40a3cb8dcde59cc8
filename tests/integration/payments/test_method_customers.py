"""Several methods stored at once for an account, and a customer of Stripe's that was deleted in its dashboard: none is lost, and
the next one can be stored."""

import asyncio

import pytest

from shop.contracts.payment_providers import VaultedMethod
from shop.contracts.payments import MethodShown, Payer, PaymentRequest, Payments
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.ports import STRIPE
from shop.modules.payments.repository import stored_methods
from shop.modules.payments.service.stored_methods import begin_setup, finish_setup, get_setup
from tests.factories.identity import make_account
from tests.factories.payments import get_intent, scalar

pytestmark = pytest.mark.usefixtures("db")
DEFAULTS = "select count(*) from payments.stored_method where is_default and removed_at is null"
CUSTOMER = "select customer_ref from payments.payer where account_id = :id"


@pytest.fixture
async def ada(db):
    return await make_account()


@pytest.fixture
async def gateway(stripe_fake):
    yield stripe_fake
    await STRIPE.aclose()


async def keep(account_id, name):
    method = VaultedMethod(name, None, MethodShown("card", "Visa", last4="4242", expires="12/2030"))
    return await write(stored_methods.keep, account_id, "sandbox", method, None)


async def methods_of(account_id):
    return await read(port(Payments).stored_methods, account_id)


async def customers(gateway):
    return {each["id"] for each in (await gateway.call("GET", "/v1/customers"))["data"]}


async def store(gateway, account_id, setup_id=None):
    """As its owner does at Stripe's form."""
    setup = await begin_setup(account_id, "stripe", setup_id or new_id())
    confirmation = {"payment_method": "pm_card_visa", "return_url": "http://testserver/back"}
    await gateway.call("POST", f"/v1/setup_intents/{setup.provider_ref}/confirm", data=confirmation)
    assert await finish_setup(await read(get_setup, setup.id, account_id))
    return (await methods_of(account_id))[-1]


async def pay(account_id, **fields):
    request, payer = PaymentRequest("stripe", **fields), Payer(account_id)
    (opened,) = await write(port(Payments).open_payments, new_id(), Money(1999, "EUR"), request, payer)
    await port(Payments).process_payment(opened.id)
    return await get_intent(opened.id)


async def delete_customer(gateway, account_id):
    """In Stripe's dashboard."""
    gone = await scalar(CUSTOMER, id=account_id)
    await gateway.call("DELETE", f"/v1/customers/{gone}")
    return gone


async def test_methods_stored_at_once_are_all_kept_and_one_is_the_default(ada):
    outcomes = await asyncio.gather(*(keep(ada, f"pm_{number}") for number in range(12)))
    assert outcomes == [True] * 12
    assert len(await methods_of(ada)) == 12
    assert await scalar(DEFAULTS) == 1


async def test_the_default_is_chosen_by_many_at_once_and_removed_meanwhile(ada):
    for number in range(6):
        await keep(ada, f"pm_{number}")
    ids = [method.id for method in await methods_of(ada)]

    async def remove(uow, method_id):
        await stored_methods.remove(uow, ada, method_id)
        await stored_methods.appoint_default(uow, ada)

    chosen = [write(stored_methods.make_default, ada, method_id) for method_id in ids]
    await asyncio.gather(*chosen, write(remove, ids[0]), write(remove, ids[3]), keep(ada, "pm_late"))
    assert len(await methods_of(ada)) == 5
    assert await scalar(DEFAULTS) == 1


async def test_first_methods_begun_at_once_have_one_customer_and_all_are_kept(gateway, ada):
    stored = await asyncio.gather(*(store(gateway, ada) for _ in range(3)), pay(ada, token="pm_card_visa", save=True))
    assert stored[-1].status == "captured"
    assert len(await customers(gateway)) == 1
    assert len(await methods_of(ada)) == 4
    for method in await methods_of(ada):
        assert (await pay(ada, method_id=str(method.id))).status == "captured"


async def test_a_customer_deleted_at_stripe_is_followed_by_a_new_one(gateway, ada):
    await store(gateway, ada)
    gone = await delete_customer(gateway, ada)
    setup_id = new_id()
    begun = [await begin_setup(ada, "stripe", setup_id) for _ in range(2)]
    assert begun[0].provider_ref == begun[1].provider_ref
    newest = await store(gateway, ada)
    (customer,) = await customers(gateway)
    assert await scalar(CUSTOMER, id=ada) == customer != gone
    assert (await pay(ada, method_id=str(newest.id))).status == "captured"


async def test_a_customer_may_be_deleted_again_and_again(gateway, ada):
    for _ in range(3):
        stored = await store(gateway, ada)
        await delete_customer(gateway, ada)
    assert stored is not None
    await asyncio.gather(*(store(gateway, ada) for _ in range(3)))
    assert len(await customers(gateway)) == 1


async def test_paying_stores_a_method_for_a_new_customer_too(gateway, ada):
    first = await pay(ada, token="pm_card_visa", save=True)
    assert first.status == "captured"
    await delete_customer(gateway, ada)
    again = await pay(ada, token="pm_card_mastercard", save=True)
    assert again.status == "captured"
    (customer,) = await customers(gateway)
    assert await scalar(CUSTOMER, id=ada) == customer
    kept = "select id from payments.stored_method where customer_ref = :customer"
    assert (await pay(ada, method_id=str(await scalar(kept, customer=customer)))).status == "captured"


async def test_what_was_deleted_with_its_customer_can_not_pay_and_nothing_is_charged(gateway, ada):
    method = await store(gateway, ada)
    await delete_customer(gateway, ada)
    refused = await pay(ada, method_id=str(method.id))
    assert (refused.status, refused.captured_amount) == ("failed", 0)
    assert gateway.intents_of(refused.id) == []


async def test_each_method_pays_for_the_customer_that_it_was_stored_for(gateway, ada):
    old = await store(gateway, ada)
    customer = await gateway.call("POST", "/v1/customers", data={"name": "another"})
    known = await scalar(CUSTOMER, id=ada)
    await write(stored_methods.keep_customer_ref, ada, "stripe", customer["id"], known)
    assert await scalar(CUSTOMER, id=ada) == customer["id"]
    assert (await pay(ada, method_id=str(old.id))).status == "captured"


async def test_a_customer_is_replaced_only_by_who_was_told_that_very_one(ada):
    for ref, gone in (("cus_1", None), ("cus_2", None), ("cus_3", "cus_2"), ("cus_4", "cus_1"), ("cus_5", "cus_1")):
        await write(stored_methods.keep_customer_ref, ada, "stripe", ref, gone)
    assert await scalar(CUSTOMER, id=ada) == "cus_4"
