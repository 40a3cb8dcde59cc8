"""The fake's Stripe.js in a real browser, on a page as strict as the shop's: cards entered, refused, and confirmed at the bank."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.fakes.stripe_api.browser import serve_stripe
from tests.fakes.stripe_api.process import PUBLISHABLE_KEY, StripeFake, stripe_fake, stripe_fake_process

__all__ = ["stripe_fake", "stripe_fake_process"]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self' https://js.stripe.com https://*.js.stripe.com;"
    " frame-src https://js.stripe.com https://hooks.stripe.com; connect-src https://api.stripe.com"
)
PAGE = """<!doctype html><html lang="en"><title>Pay</title><h1>Pay</h1>
<form><div id="place"></div><button>Pay</button></form><p role="alert"></p><p id="told"></p>
<script src="https://js.stripe.com/v3/"></script><script src="/page.js"></script></html>"""
SCRIPT = """
const asked = JSON.parse(new URL(location.href).searchParams.get("asked"));
const stripe = Stripe(asked.key);
const elements = stripe.elements(asked.elements);
const element = elements.create("payment");
const seen = [];
element.on("ready", () => seen.push("ready"));
element.on("change", (event) => seen.push(event.complete ? "complete" : "incomplete"));
element.mount("#place");
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { error: incomplete } = await elements.submit();
  const options = { elements, clientSecret: asked.secret, confirmParams: { return_url: "http://shop.test/back?order=1" }, redirect: asked.redirect };
  const { error, paymentIntent, setupIntent } = incomplete ? { error: incomplete } : await stripe[asked.method](options);
  document.querySelector("[role=alert]").textContent = error ? error.message : "";
  if (!error) document.querySelector("#told").textContent = `${(paymentIntent || setupIntent).status} ${seen[0]} ${seen.at(-1)}`;
});
"""
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(chromium: Browser, stripe_fake: StripeFake) -> AsyncIterator[Open]:
    context = await chromium.new_context()
    faults: list[str] = []

    async def serve(route: Route) -> None:
        if route.request.url.endswith("/page.js"):
            await route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif "/back" in route.request.url:
            await route.fulfill(body="<!doctype html><title>Back</title>", content_type="text/html")
        else:
            await route.fulfill(body=PAGE, content_type="text/html", headers={"content-security-policy": POLICY})

    await context.route("http://shop.test/**", serve)
    await serve_stripe(context, stripe_fake)

    async def open_it(secret: str, **asked: Any) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        wish = {"key": PUBLISHABLE_KEY, "secret": secret, "method": "confirmPayment", "redirect": "always"}
        wish |= {"elements": {"clientSecret": secret}} | asked
        await page.goto(f"http://shop.test/?asked={json.dumps(wish)}")
        return page

    yield open_it
    await context.close()
    assert faults == []


async def pay(page: Page, number: str, expiry: str = "1234", cvc: str = "123") -> None:
    frame = page.frame_locator("iframe[title='Secure payment input frame']")
    await frame.get_by_label("Card number").fill(number)
    await frame.get_by_label("Expiration date").fill(expiry)
    await frame.get_by_label("Security code").fill(cvc)
    await page.get_by_role("button", name="Pay").click()


async def new_intent(fake: StripeFake) -> dict[str, Any]:
    return await fake.call("POST", "/v1/payment_intents", data={"amount": "2000", "currency": "eur"})


async def status_of(fake: StripeFake, intent: dict[str, Any]) -> str:
    return (await fake.call("GET", f"/v1/{intent['object']}s/{intent['id']}"))["status"]


async def test_a_card_is_entered_and_pays(open_page, stripe_fake):
    intent = await new_intent(stripe_fake)
    page = await open_page(intent["client_secret"])
    await pay(page, "4242 4242 4242 4242")
    await page.wait_for_url("http://shop.test/back?*")
    told = parse_qs(urlsplit(page.url).query)
    assert told["order"] == ["1"]
    assert (told["payment_intent"], told["redirect_status"]) == ([intent["id"]], ["succeeded"])
    assert await status_of(stripe_fake, intent) == "succeeded"


async def test_a_mistyped_and_a_declined_card_are_told_and_the_next_one_pays(open_page, stripe_fake):
    intent = await new_intent(stripe_fake)
    elements = {"mode": "payment", "amount": 2000, "currency": "eur"}
    page = await open_page(intent["client_secret"], elements=elements, redirect="if_required")
    told = page.locator("body > [role=alert]")
    await pay(page, "4242 4242")
    await expect(told).to_have_text("Your card number is incomplete.")
    await pay(page, "4242 4242 4242 4241")
    await expect(told).to_have_text("Your card number is incorrect.")
    await pay(page, "4000 0000 0000 0002")
    await expect(told).to_have_text("Your card was declined.")
    assert await status_of(stripe_fake, intent) == "requires_payment_method"
    await pay(page, "5555 5555 5555 4444")
    await expect(page.locator("#told")).to_have_text("succeeded ready complete")
    assert len(stripe_fake.state()["foreign"]) == 1


@pytest.mark.parametrize(("button", "outcome"), [("Complete", "succeeded"), ("Fail", "failed")])
async def test_the_bank_asks_on_its_own_page(open_page, stripe_fake, button, outcome):
    intent = await new_intent(stripe_fake)
    page = await open_page(intent["client_secret"])
    await pay(page, "4000 0000 0000 3220")
    await expect(page.get_by_role("heading", level=1)).to_have_text("3D Secure 2 Test Page")
    await expect(page.get_by_text("€20.00")).to_be_visible()
    await page.get_by_role("button", name=button).click()
    await page.wait_for_url("http://shop.test/back?*")
    assert parse_qs(urlsplit(page.url).query)["redirect_status"] == [outcome]
    wanted = "succeeded" if outcome == "succeeded" else "requires_payment_method"
    assert await status_of(stripe_fake, intent) == wanted


async def test_the_bank_asks_over_the_shops_page_and_a_card_is_kept(open_page, stripe_fake):
    customer = await stripe_fake.call("POST", "/v1/customers", data={"email": "kept@example.com"})
    setup = await stripe_fake.call("POST", "/v1/setup_intents", data={"customer": customer["id"]})
    page = await open_page(setup["client_secret"], method="confirmSetup", redirect="if_required")
    await pay(page, "4000 0025 0000 3155")
    bank = page.frame_locator("iframe[title='Authentication with your bank']")
    await bank.get_by_role("button", name="Complete").click()
    await expect(page.locator("#told")).to_have_text("succeeded ready complete")
    kept = await stripe_fake.call("GET", f"/v1/customers/{customer['id']}/payment_methods")
    assert [each["card"]["last4"] for each in kept["data"]] == ["3155"]


async def test_a_browser_learns_nothing_without_the_secret(stripe_fake):
    intent = await new_intent(stripe_fake)
    path, known = f"/v1/payment_intents/{intent['id']}", {"key": PUBLISHABLE_KEY}
    told = await stripe_fake.ask("GET", path, params=known | {"client_secret": "pi_1_secret_2"})
    assert told.status_code == 400
    seen = await stripe_fake.ask("GET", path, params=known | {"client_secret": intent["client_secret"]})
    assert seen.json()["amount"] == 2000
    assert {"metadata", "customer", "latest_charge"}.isdisjoint(seen.json())
    refused = await stripe_fake.ask("POST", "/v1/refunds", data=known | {"payment_intent": intent["id"]})
    assert refused.status_code == 403
