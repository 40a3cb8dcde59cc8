"""Orders paid by Stripe and by PayPal in a browser: the whole shop, their APIs played by fakes that keep books. What a card's
number is never comes near the shop, and in the end the gateway has taken the money once."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.buying import expect_paid, fill_in_checkout, put_into_cart
from tests.e2e.conftest import watched_page
from tests.e2e.running_shop import Shop, open_shop
from tests.fakes.paypal_api.process import PayPalFake
from tests.fakes.stripe_api.browser import serve_stripe
from tests.fakes.stripe_api.process import StripeFake

GOOD, DECLINED, ASKED = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 3220"


@pytest.fixture(scope="module")
async def stripe(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StripeFake]:
    fake = StripeFake(tmp_path_factory.mktemp("stripe") / "books.sqlite")
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="module")
async def paypal() -> AsyncIterator[PayPalFake]:
    fake = PayPalFake()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(scope="module")
def gateways(stripe: StripeFake, paypal: PayPalFake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("gateways")
    with open_shop(folder, **stripe.environment, **paypal.settings) as opened:
        yield opened


@pytest.fixture(params=[390, 1280])
async def buyer(
    gateways: Shop, stripe: StripeFake, chromium: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    faults: list[str] = []
    viewport = {"width": request.param, "height": 900}
    context = await chromium.new_context(base_url=gateways.url, viewport=viewport, reduced_motion="reduce")
    await serve_stripe(context, stripe)
    yield await watched_page(context, faults)
    await context.close()
    # Chromium tells of Stripe's 402 for a declined card, which tests ask for on purpose.
    assert [fault for fault in faults if "402" not in fault] == []


async def order_by(page: Page, way: str, email: str) -> None:
    """Ends on the order's page, where the buyer still has something to do."""
    await put_into_cart(page, "vesper-candle")
    await fill_in_checkout(page, email)
    await page.get_by_role("radio", name=way, exact=True).check()
    await page.get_by_role("button", name="Place order").click()
    await page.wait_for_url("**/orders/*")


async def pay_by_card(page: Page, number: str) -> None:
    frame = page.frame_locator("[data-stripe-element] iframe")
    await expect(page.locator("[data-stripe-wait]")).to_be_hidden()  # it moves the button while it grows
    await frame.get_by_label("Card number").fill(number)
    await frame.get_by_label("Expiration date").fill("12 / 30")
    await frame.get_by_label("Security code").fill("123")
    await page.get_by_role("button", name="Pay €").click()


def email_of(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-40:] + "@example.com"


async def check_once(gateways: Shop, stripe: StripeFake, email: str) -> None:
    [order] = gateways.orders_of(email)
    [payment] = order["payments"]
    told = stripe.state()["payments"][payment["id"]]
    assert (order["status"], payment["status"]) == ("paid", "captured")
    assert (told["charges"], told["captured"]) == (1, order["totals"]["total"]["amount"])


async def test_a_card_is_entered_with_stripe_and_pays(buyer, gateways, stripe, request):
    await order_by(buyer, "Card", email_of(request))
    await pay_by_card(buyer, GOOD)
    await expect_paid(buyer)
    await check_once(gateways, stripe, email_of(request))


async def test_a_declined_card_is_told_and_the_next_one_pays(buyer, gateways, stripe, request):
    await order_by(buyer, "Card", email_of(request))
    await pay_by_card(buyer, DECLINED)
    await expect(buyer.get_by_text("Your card was declined.").filter(visible=True)).to_be_visible()
    await pay_by_card(buyer, GOOD)
    await expect_paid(buyer)
    await check_once(gateways, stripe, email_of(request))


async def test_the_bank_asks_the_buyer_who_comes_back_paid(buyer, gateways, stripe, request):
    await order_by(buyer, "Card", email_of(request))
    await pay_by_card(buyer, ASKED)
    await buyer.get_by_role("button", name="Complete").click()
    await expect_paid(buyer)
    await check_once(gateways, stripe, email_of(request))


async def test_paypal_is_approved_on_its_own_page_and_taken_once(buyer, gateways, paypal, request):
    email = email_of(request)
    await order_by(buyer, "PayPal", email)
    await buyer.wait_for_url("**/checkoutnow*")  # the order's page leads there by itself
    await buyer.get_by_role("button", name="Pay now").click()
    await expect_paid(buyer)
    [order] = gateways.orders_of(email)
    [payment] = order["payments"]
    assert (order["status"], payment["provider"], payment["status"]) == ("paid", "paypal", "captured")
    assert await paypal.taken(payment["id"]) * 100 == order["totals"]["total"]["amount"]


async def test_who_turns_back_at_paypal_has_paid_nothing(buyer, gateways, paypal, request):
    email = email_of(request)
    await order_by(buyer, "PayPal", email)
    await buyer.wait_for_url("**/checkoutnow*")
    await buyer.get_by_role("button", name="Cancel").click()
    await buyer.wait_for_url("**/orders/*")
    [order] = gateways.orders_of(email)
    assert order["status"] == "pending_payment"
    assert order["amount_due"] == order["totals"]["total"]
