"""Stripe's part of the shop's pages in a real browser: what the provider made is paid, or kept, under the shop's policy."""

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from shop.contracts.payment_providers import MethodOwner, ProviderIntent
from shop.contracts.payments import Payment
from shop.kernel.http.security_headers import policy
from shop.kernel.http.static import static_files, static_url
from shop.kernel.http.templating import render_text
from shop.kernel.ids import new_id
from shop.modules.payments.gateways.stripe_when_set import StripeWhenSet
from tests.contracts.desks import charged, make_intent
from tests.contracts.stripe_desks import StripeFakeDesk
from tests.fakes.stripe_api.browser import serve_stripe
from tests.fakes.stripe_api.process import StripeFake, stripe_fake, stripe_fake_process

__all__ = ["stripe_fake", "stripe_fake_process"]

pytestmark = pytest.mark.usefixtures("environment")

GOOD, DECLINED, ASKED = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 3220"
Open = Callable[[str], Awaitable[Page]]


@pytest.fixture
async def desk(stripe_fake: StripeFake) -> AsyncIterator[StripeFakeDesk]:
    desk = StripeFakeDesk(stripe_fake)
    yield desk
    await desk.stripe.aclose()


@pytest.fixture
def stripe(desk: StripeFakeDesk) -> StripeWhenSet:
    return desk.stripe


@pytest.fixture
async def open_page(chromium: Browser, stripe_fake: StripeFake, stripe: StripeWhenSet) -> AsyncIterator[Open]:
    """A page of nothing but `part`, with the shop's own policy; where it leads back to says so."""
    context = await chromium.new_context()
    faults: list[str] = []
    offered = stripe.offer()
    sources = {name[4:]: value for name, value in offered.public.items() if name.startswith("csp.")}
    html = ""

    files = {f"/static/{file.hashed_name}": file for file in static_files().values()}

    async def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in files:
            await route.fulfill(body=files[path].content, content_type=files[path].media_type)
        elif route.request.resource_type == "script":
            await route.abort()
        elif path.endswith("/return"):
            await route.fulfill(body="<!doctype html><title>Back</title><h1>Back</h1>", content_type="text/html")
        else:
            sheet = f'<link rel="stylesheet" href="{static_url("css/shop.css")}">'
            page = f"<!doctype html><html lang=en class=js><title>Pay</title>{sheet}<body>{html}</html>"
            headers = {"content-security-policy": policy(sources).decode(), "content-type": "text/html; charset=utf-8"}
            await route.fulfill(body=page, headers=headers)

    await context.route("http://testserver/**", serve)
    await serve_stripe(context, stripe_fake)

    async def open_it(part: str) -> Page:
        nonlocal html
        html = part
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        await page.goto("http://testserver/orders/1")
        return page

    yield open_it
    await context.close()
    assert faults == []


async def waiting(desk: StripeFakeDesk) -> tuple[ProviderIntent, str]:
    """A payment that waits for its buyer, and its part of the page."""
    intent, answer = await charged(desk, make_intent(None))
    payment = Payment(
        id=intent.payment_id,
        order_id=intent.order_id,
        provider="stripe",
        status=answer.status,
        amount=intent.amount,
        client_secret=answer.client_secret,
    )
    return intent, render_text(
        "payments/stripe_form.html", {"method": desk.stripe.offer(), "payment": payment, "error": None}
    )


async def enter(page: Page, number: str, button: str = "Pay €19.99") -> None:
    frame = page.frame_locator("iframe[title='Secure payment input frame']")
    await expect(page.locator("[data-stripe-wait]")).to_be_hidden()  # it moves the button while it grows
    await frame.get_by_label("Card number").fill(number)
    await frame.get_by_label("Expiration date").fill("1234")
    await frame.get_by_label("Security code").fill("123")
    await page.get_by_role("button", name=button).click()


async def test_a_card_is_entered_and_pays(open_page: Open, desk: StripeFakeDesk, stripe: StripeWhenSet):
    intent, part = await waiting(desk)
    page = await open_page(part)
    await enter(page, GOOD)
    await page.wait_for_url(f"http://testserver/payments/{intent.payment_id}/return?*")
    assert (await stripe.look_up(intent)).status == "captured"


async def test_after_a_decline_the_next_card_pays(
    open_page: Open, desk: StripeFakeDesk, stripe: StripeWhenSet, stripe_fake: StripeFake
):
    intent, part = await waiting(desk)
    page = await open_page(part)
    await enter(page, DECLINED)
    await expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    await expect(page.get_by_role("button", name="Pay €19.99")).to_be_enabled()
    assert (await stripe.look_up(intent)).status == "requires_action"
    await enter(page, GOOD)
    await page.wait_for_url("http://testserver/payments/*/return?*")
    assert (await stripe.look_up(intent)).status == "captured"
    assert len(stripe_fake.intents_of(intent.payment_id)) == 1


@pytest.mark.parametrize(("button", "status"), [("Complete", "captured"), ("Fail", "requires_action")])
async def test_the_bank_asks_about_a_card_that_was_entered(
    open_page: Open, desk: StripeFakeDesk, stripe: StripeWhenSet, button: str, status: str
):
    intent, part = await waiting(desk)
    page = await open_page(part)
    await enter(page, ASKED)
    await page.get_by_role("button", name=button).click()
    await page.wait_for_url("http://testserver/payments/*/return?*")
    assert (await stripe.look_up(intent)).status == status


async def test_a_payment_that_is_through_leads_back_once_and_then_waits(
    open_page: Open, desk: StripeFakeDesk, stripe_fake: StripeFake
):
    """The shop may be unable to ask Stripe at that moment, and show the page again."""
    intent, part = await waiting(desk)
    await stripe_fake.control("pay", intent=intent.provider_ref)
    page = await open_page(part)
    await page.wait_for_url("http://testserver/payments/*/return")
    await page.goto("http://testserver/orders/1")
    await expect(page.get_by_role("alert")).to_contain_text("Please load this page again in a moment.")


async def test_a_shop_without_stripes_script_says_so(open_page: Open, desk: StripeFakeDesk):
    _, part = await waiting(desk)
    page = await open_page(part.replace("https://js.stripe.com/v3/", "/nothing.js"))
    await expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    await expect(page.get_by_role("button", name="Pay")).to_be_hidden()


@pytest.mark.parametrize("number", [GOOD, ASKED], ids=["at once", "after the bank asked"])
async def test_a_card_is_kept_without_being_charged(
    open_page: Open, stripe: StripeWhenSet, stripe_fake: StripeFake, number: str
):
    owner = MethodOwner(new_id(), "ada@example.com")
    setup_id = new_id()
    back = f"http://testserver/account/payment-methods/{setup_id}/return"
    begun = await stripe.begin(owner, setup_id, back)
    context = {"method": stripe.offer(), "setup": {"client_secret": begun.client_secret, "failure": None}}
    page = await open_page(render_text(stripe.offer().setup_template, context | {"return_url": back}))
    await enter(page, DECLINED, "Keep this card")
    await expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    assert await stripe.finish(owner, begun.provider_ref) is None
    await enter(page, number, "Keep this card")
    if number == ASKED:
        await page.get_by_role("button", name="Complete").click()
    await page.wait_for_url(f"{back}?*")
    kept = await stripe.finish(owner, begun.provider_ref)
    assert (kept.method.label, kept.method.last4) == ("Visa", number[-4:])
    assert stripe_fake.state()["intents"] == 0
