"""PayPal accounts kept for an account of the shop's: approved by their owner, and nobody else's."""

import msgspec
import pytest

from shop.contracts.payment_providers import MethodOwner, ProviderAway, ProviderIntent, ProviderRefused
from shop.contracts.payments import PaymentId
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.fakes.paypal_api.process import PayPalFake

RETURN = "http://testserver/account/payment-methods"


def make_owner(customer_ref: str | None = None) -> MethodOwner:
    return MethodOwner(new_id(), "ada@example.com", customer_ref)


async def test_an_account_is_kept_after_its_owner_said_yes(provider: PayPalWhenSet, paypal: PayPalFake):
    owner, setup_id = make_owner(), new_id()
    setup = await provider.begin(owner, setup_id, RETURN)
    assert setup.redirect_url.startswith(f"{paypal.base}/agreements/approve?")
    assert await provider.begin(owner, setup_id, RETURN) == setup
    assert await provider.finish(owner, setup.provider_ref) is None
    await paypal.do("approve_setup", setup_id=setup.provider_ref)
    kept = await provider.finish(owner, setup.provider_ref)
    assert (kept.method.kind, kept.method.label) == ("paypal", "PayPal a…@example.com")
    assert kept.customer_ref == setup.customer_ref
    assert await provider.finish(owner, setup.provider_ref) == kept
    assert len((await paypal.state())["payment_tokens"]) == 1


async def test_an_exchange_whose_key_is_forgotten_is_found(provider: PayPalWhenSet, paypal: PayPalFake):
    owner = make_owner()
    setup = await provider.begin(owner, new_id(), RETURN)
    await paypal.do("approve_setup", setup_id=setup.provider_ref)
    kept = await provider.finish(owner, setup.provider_ref)
    await paypal.control(vault_key_seconds=0)
    assert await provider.finish(owner, setup.provider_ref) == kept
    assert len((await paypal.state())["payment_tokens"]) == 1


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
async def test_an_exchange_whose_answer_is_lost_keeps_one(provider: PayPalWhenSet, paypal: PayPalFake, fault: str):
    owner = make_owner()
    setup = await provider.begin(owner, new_id(), RETURN)
    await paypal.do("approve_setup", setup_id=setup.provider_ref)
    await paypal.plan(fault, fault, path="/payment-tokens")
    with pytest.raises(ProviderAway):
        await provider.finish(owner, setup.provider_ref)
    assert (await provider.finish(owner, setup.provider_ref)).method.kind == "paypal"
    assert len((await paypal.state())["payment_tokens"]) == 1


async def test_what_is_kept_for_another_is_refused(provider: PayPalWhenSet, paypal: PayPalFake):
    setup = await provider.begin(make_owner(), new_id(), RETURN)
    await paypal.do("approve_setup", setup_id=setup.provider_ref)
    for other in (make_owner(), make_owner("customer_1"), make_owner(setup.customer_ref)):
        with pytest.raises(ProviderRefused):
            await provider.finish(other, setup.provider_ref)
    assert (await paypal.state())["payment_tokens"] == []


async def test_a_setup_that_paypal_does_not_know_is_refused(provider: PayPalWhenSet):
    with pytest.raises(ProviderRefused):
        await provider.finish(make_owner(), "5C991763VB2781612")


async def test_a_second_account_of_the_same_owner_is_kept_beside_the_first(provider: PayPalWhenSet, paypal: PayPalFake):
    owner, kept = make_owner(), []
    for _ in range(2):
        setup = await provider.begin(owner, new_id(), RETURN)
        await paypal.do("approve_setup", setup_id=setup.provider_ref)
        kept.append(await provider.finish(owner, setup.provider_ref))
        owner = msgspec.structs.replace(owner, customer_ref=kept[-1].customer_ref)
    assert kept[0].customer_ref == kept[1].customer_ref
    assert kept[0].provider_ref != kept[1].provider_ref


async def test_what_is_forgotten_is_gone_however_often_it_is_asked(provider: PayPalWhenSet, paypal: PayPalFake):
    owner = make_owner()
    setup = await provider.begin(owner, new_id(), RETURN)
    await paypal.do("approve_setup", setup_id=setup.provider_ref)
    kept = await provider.finish(owner, setup.provider_ref)
    for _ in range(2):
        await provider.forget(kept.provider_ref)
    assert (await paypal.state())["payment_tokens"] == []


async def bought(provider: PayPalWhenSet, paypal: PayPalFake, *, save: bool) -> ProviderIntent:
    intent = ProviderIntent(
        payment_id=PaymentId(new_id()),
        order_id=new_id(),
        amount=Money(1999, "EUR"),
        token=None,
        method_id=None,
        return_url=RETURN,
        account_id=new_id(),
        save=save,
    )
    intent = msgspec.structs.replace(intent, provider_ref=await provider.prepare(intent))
    await paypal.approve(intent.provider_ref)
    await provider.capture(intent, intent.amount)
    return intent


async def test_an_account_is_kept_with_a_purchase_that_asked_for_it(provider: PayPalWhenSet, paypal: PayPalFake):
    answer = await provider.look_up(await bought(provider, paypal, save=True))
    (token,) = (await paypal.state())["payment_tokens"]
    assert (answer.vaulted.provider_ref, answer.vaulted.customer_ref) == (token["id"], token["customer"]["id"])
    assert answer.vaulted.method == answer.method
    assert (await provider.look_up(await bought(provider, paypal, save=False))).vaulted is None


async def test_an_account_that_paypal_keeps_later_is_told_when_it_is_there(provider: PayPalWhenSet, paypal: PayPalFake):
    await paypal.control(vaults_later=True)
    intent = await bought(provider, paypal, save=True)
    assert (await provider.look_up(intent)).vaulted is None
    await paypal.control(vaults_later=False)
    assert (await provider.look_up(intent)).vaulted is not None


async def test_a_merchant_who_may_keep_no_payers_is_told_so(provider: PayPalWhenSet, paypal: PayPalFake):
    await paypal.control(vault_allowed=False)
    with pytest.raises(ProviderRefused):
        await provider.begin(make_owner(), new_id(), RETURN)


async def test_paypal_out_of_order_is_away(provider: PayPalWhenSet, paypal: PayPalFake):
    owner = make_owner()
    await paypal.control(away=True)
    with pytest.raises(ProviderAway):
        await provider.begin(owner, new_id(), RETURN)
    with pytest.raises(ProviderAway):
        await provider.finish(owner, "5C991763VB2781612")
    with pytest.raises(ProviderAway):
        await provider.forget("8kk8451t")
