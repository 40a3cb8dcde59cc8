"""Stripe's addresses answered by the fake in a browser, so that the shop's page and its policy stay what they are."""

from playwright.async_api import BrowserContext, Route

from tests.fakes.stripe_api.process import StripeFake

STRIPE = "https://*.stripe.com/**"


async def serve_stripe(context: BrowserContext, fake: StripeFake) -> None:
    """js.stripe.com, api.stripe.com and hooks.stripe.com lead to the fake from now on."""

    async def serve(route: Route) -> None:
        path = route.request.url.split(".stripe.com", 1)[1]
        await route.fulfill(response=await route.fetch(url=f"{fake.base}{path}", max_redirects=0))

    await context.route(STRIPE, serve)
