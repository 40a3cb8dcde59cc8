"""Passkeys, authenticator app and recovery codes as people use them, in Chromium with an authenticator of software."""

import re
import time

import pyotp
from playwright.async_api import Page, expect

from tests.e2e.authenticator import with_authenticator
from tests.e2e.buying import sign_in
from tests.e2e.examination import examine_shown

CUSTOMER_PASSWORD = "nanoseconds of wire"


async def add_passkey(page: Page, name: str) -> None:
    await page.goto("/account/security")
    await page.get_by_label("Name of the device").fill(name)
    await page.get_by_role("button", name="Add a passkey").click()


async def sign_out(page: Page) -> None:
    await page.goto("/account")
    await page.get_by_role("button", name="Sign out").first.click()
    await page.wait_for_url("/")


async def use_passkey(page: Page, target: str) -> None:
    await page.goto(f"/signin?next={target}")
    await page.get_by_role("button", name="Use a passkey").click()
    await page.wait_for_url(target)


async def test_a_customer_signs_in_by_passkey_without_typing_anything(visitor, shop):
    shop.sign_up("passkey@example.com", CUSTOMER_PASSWORD, "Hedy Lamarr")
    browser, authenticator = await with_authenticator(visitor)
    await sign_in(visitor, "passkey@example.com", CUSTOMER_PASSWORD)
    await add_passkey(visitor, "Laptop")
    await expect(visitor.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    await expect(visitor.locator(".codes code")).to_have_count(10)
    assert await examine_shown(visitor) == []
    held = await browser.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    [credential] = held["credentials"]
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    await visitor.get_by_role("link", name="I have kept them").click()
    await expect(visitor.get_by_role("heading", name="Laptop")).to_be_visible()
    assert await examine_shown(visitor) == []

    await sign_out(visitor)
    await use_passkey(visitor, "/account/orders")
    await expect(visitor.get_by_role("heading", level=1)).to_have_text("Your orders")

    visitor.on("dialog", lambda dialog: dialog.accept())
    await visitor.goto("/account/security")
    await visitor.get_by_role("button", name="Remove").click()
    await expect(visitor.get_by_text("The passkey is removed")).to_be_visible()
    await sign_out(visitor)
    await visitor.goto("/signin")
    await visitor.get_by_role("button", name="Use a passkey").click()
    await expect(visitor.get_by_role("alert").filter(has_text="That passkey did not work here")).to_be_visible()


async def test_a_passkey_is_offered_where_the_address_is_typed(visitor, shop):
    shop.sign_up("offered@example.com", CUSTOMER_PASSWORD, "Emmy Noether")
    await with_authenticator(visitor, offered=True)
    await sign_in(visitor, "offered@example.com", CUSTOMER_PASSWORD)
    await add_passkey(visitor, "Tablet")
    await expect(visitor.locator(".codes code")).to_have_count(10)
    await sign_out(visitor)
    await visitor.goto("/signin?next=/account/orders")
    await visitor.wait_for_url("/account/orders")


async def test_a_passkey_is_the_second_step_after_a_password(visitor, shop):
    shop.sign_up("second@example.com", CUSTOMER_PASSWORD, "Lise Meitner")
    await with_authenticator(visitor)
    await sign_in(visitor, "second@example.com", CUSTOMER_PASSWORD)
    await add_passkey(visitor, "Phone")
    await expect(visitor.locator(".codes code")).to_have_count(10)
    code = await visitor.locator(".codes code").first.text_content()
    await sign_out(visitor)
    for by_passkey in (True, False):
        await visitor.goto("/signin")
        await visitor.get_by_label("E-mail").fill("second@example.com")
        await visitor.get_by_label("Password").fill(CUSTOMER_PASSWORD)
        await visitor.get_by_role("button", name="Sign in", exact=True).click()
        await expect(visitor.get_by_role("heading", level=1)).to_have_text("One more step")
        assert await examine_shown(visitor) == []
        if by_passkey:
            await visitor.get_by_role("button", name="Use your passkey").click()
        else:
            await visitor.get_by_text("Use a recovery code", exact=True).click()
            await visitor.get_by_label("Recovery code").fill(code or "")
            await visitor.get_by_role("button", name="Sign in", exact=True).click()
        await visitor.wait_for_url("/account")
        await sign_out(visitor)


async def test_who_gives_up_half_way_is_told_so(visitor, shop):
    browser, authenticator = await with_authenticator(visitor)
    await browser.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    await visitor.goto("/signin")
    await visitor.get_by_role("button", name="Use a passkey").click()
    await expect(visitor.get_by_role("alert").filter(has_text="cancelled")).to_be_visible()


async def test_an_app_is_set_up_and_asked_for_without_javascript(new_visitor, shop):
    shop.sign_up("app@example.com", CUSTOMER_PASSWORD, "Joan Clarke")
    page = await new_visitor(java_script_enabled=False)
    await sign_in(page, "app@example.com", CUSTOMER_PASSWORD)
    await page.goto("/account/security")
    await page.get_by_role("button", name="Set up an app").click()
    await expect(page.locator(".qr svg")).to_be_visible()
    app = pyotp.TOTP(re.sub(r"\s", "", await page.locator(".secret").text_content() or ""))
    await page.get_by_label("Six digits").fill(app.at(int(time.time()) - 30))
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.locator(".codes code")).to_have_count(10)
    await sign_out(page)
    await page.goto("/signin?next=/account/orders")
    await page.get_by_label("E-mail").fill("app@example.com")
    await page.get_by_label("Password").fill(CUSTOMER_PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_label("Code from your app").fill(app.at(int(time.time())))
    await page.get_by_role("button", name="Sign in", exact=True).first.click()
    await page.wait_for_url("/account/orders")


async def test_the_page_that_sets_an_app_up_is_for_everybody(visitor, shop):
    shop.sign_up("qr@example.com", CUSTOMER_PASSWORD, "Mary Allen Wilkes")
    await sign_in(visitor, "qr@example.com", CUSTOMER_PASSWORD)
    await visitor.goto("/account/security")
    await visitor.get_by_role("button", name="Set up an app").click()
    await expect(visitor.locator(".qr svg")).to_be_visible()
    assert await examine_shown(visitor) == []


async def test_a_member_of_staff_signs_in_by_passkey(visitor, shop):
    """Not the shop's own administrator, whom the other tests sign in as by password alone."""
    email = "passkey@shop.example"
    shop.staff.post("/api/v1/admin/staff", json={"email": email, "name": "Kim", "roles": ["viewer"]})
    link = shop.link_in(shop.message(email, "staff_invitation"))
    await visitor.goto(link)
    await visitor.get_by_label("password").fill(CUSTOMER_PASSWORD)
    await visitor.get_by_role("button").last.click()
    await with_authenticator(visitor)
    await sign_in(visitor, email, CUSTOMER_PASSWORD, "/admin")
    await add_passkey(visitor, "Work laptop")
    await expect(visitor.locator(".codes code")).to_have_count(10)
    await sign_out(visitor)
    await use_passkey(visitor, "/admin")
    await expect(visitor.get_by_role("heading", level=1)).to_be_visible()
