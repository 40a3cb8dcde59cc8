"""Signing in by an identity provider, and links from mails, in Chromium: what its rules for forms, redirects, cookies and
referrers let through."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Page, expect

from tests.e2e.buying import put_into_cart, sign_in
from tests.e2e.conftest import watched_page
from tests.e2e.examination import examine_shown
from tests.e2e.running_shop import Shop, open_shop
from tests.fakes.oidc_process import OidcProcess, run_oidc_provider


@pytest.fixture(scope="module")
def club() -> Iterator[OidcProcess]:
    with run_oidc_provider() as process:
        yield process


@pytest.fixture(scope="module")
def club_shop(club: OidcProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop of its own, whose customers may sign in with the Club."""
    with open_shop(tmp_path_factory.mktemp("club-shop"), **club.settings()) as opened:
        yield opened


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
async def member(request, club_shop: Shop, chromium) -> AsyncIterator[Page]:
    faults: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        context = await chromium.new_context(base_url=club_shop.url, java_script_enabled=request.param)
        stack.push_async_callback(context.close)
        yield await watched_page(context, faults)
    assert not faults


async def test_a_customer_comes_back_signed_in_with_the_cart(member, club, request):
    email = f"member-{request.node.callspec.id.replace(' ', '-')}@example.com"
    club.behave(user={"sub": email, "email": email, "email_verified": True, "name": "Mary Somerville"})
    await put_into_cart(member, "bothy-enamel-mug")
    await member.goto("/signin?next=/cart")
    if request.node.callspec.id == "with scripts":  # which the examination itself needs
        assert await examine_shown(member) == []
    await member.get_by_role("button", name="Continue with the Club").click()
    await member.wait_for_url("/cart")
    await expect(member.get_by_text("Bothy").first).to_be_visible()
    await member.goto("/account")
    await expect(member.get_by_role("heading", name="Hello, Mary Somerville")).to_be_visible()
    await member.goto("/account/devices")
    await expect(member.get_by_text("by another provider")).to_be_visible()


async def test_a_customer_adds_the_club_and_removes_it_again(club_shop, club, chromium):
    club_shop.sign_up("linker@example.com", "nanoseconds of wire", "Emmy Noether")
    club.behave(user={"sub": "linker", "email": "elsewhere@example.com", "email_verified": False})
    faults: list[str] = []
    async with await chromium.new_context(base_url=club_shop.url) as context:
        page = await watched_page(context, faults)
        await sign_in(page, "linker@example.com", "nanoseconds of wire")
        await page.goto("/account/security")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_text("From now on you can sign in with the Club")).to_be_visible()
        assert await examine_shown(page) == []
        page.once("dialog", lambda dialog: dialog.accept())
        await page.get_by_role("region", name="Other accounts").get_by_role("button", name="Remove").click()
        await expect(page.get_by_text("You can't sign in that way any more")).to_be_visible()
    assert not faults


async def test_a_link_that_changes_the_address_works_from_a_page_without_referrer(new_visitor, shop):
    shop.sign_up("moving@example.com", "nanoseconds of wire", "Emmy Noether")
    page = await new_visitor()
    await sign_in(page, "moving@example.com", "nanoseconds of wire")
    await page.goto("/account/email")
    await page.get_by_label("New e-mail address").fill("moved-on@example.com")
    await page.get_by_role("button", name="Send the link").click()
    await expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    await page.goto(shop.link_in(shop.message("moved-on@example.com", "change_email")))
    await page.get_by_role("button", name="Use this address").click()
    await expect(page.get_by_text("Your new e-mail address is confirmed")).to_be_visible()
    stranger = await new_visitor()
    await stranger.goto(shop.link_in(shop.message("moving@example.com", "email_changed")))
    await stranger.get_by_role("button", name="Undo the change").click()
    await expect(stranger.get_by_text("Your account has its old address again")).to_be_visible()
    await page.goto("/account")
    await page.wait_for_url("**/signin?next=*")
