"""Every page, by light and in the dark: accessible (axe finds nothing serious), no wider than a phone, conforming HTML.

Faults in the console and of the Content-Security-Policy fail each of these tests too, as all browser tests.
"""

import re
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from litestar import Request
from playwright.async_api import Route, expect

from tests.e2e import pages
from tests.e2e.buying import put_into_cart, sign_in
from tests.e2e.conformance import faults_of
from tests.e2e.conftest import watched_page
from tests.e2e.examination import GRAVE, LOOKS, PHONE, examine, examine_all, examine_shown
from tests.e2e.importing import GOODS, upload
from tests.e2e.running_shop import ADMIN, PASSWORD

CUSTOMER = ("maria@example.com", "merianin surinam")
SOLD_OUT = "drift-travel-pillow"


def addresses(routes: Mapping[str, Sequence[str]], **made: str) -> list[str]:
    return [address.format(**made) for each in routes.values() for address in each]


def addresses_of_orders(orders: Mapping[str, dict]) -> dict[str, str]:
    return {name: f"/orders/{order['id']}?token={order['access_token']}" for name, order in orders.items()}


def link_of_a_move(shop, email: str, password: str, to: str) -> str:
    """In the mail to the address that a customer wants to have."""
    who = {"email": email, "password": password}
    token = shop.guest.post("/api/v1/auth/signin", json=who).json()["access_token"]
    asked = shop.guest.post("/api/v1/me/email", json={"email": to}, headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 202, asked.text
    return shop.link_in(shop.message(to, "change_email"))


def link_back_from_a_move(shop) -> str:
    """Of somebody who has moved to another address."""
    who = {"email": "mover@example.com", "password": "merianin surinam"}
    shop.sign_up(who["email"], who["password"], "Mover")
    link = link_of_a_move(shop, who["email"], who["password"], "moved@example.com")
    with httpx.Client(base_url=shop.url, headers={"Origin": shop.url}) as browser:
        assert browser.post("/signin", data=who).status_code == 303
        found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).text)
        assert found
        assert browser.post(link, data={"csrf_token": found[1]}).status_code == 303
    return shop.link_in(shop.message(who["email"], "email_changed"))


def address_of(shop, email: str, password: str) -> str:
    """The id of an address in the book of a customer."""
    token = shop.guest.post("/api/v1/auth/signin", json={"email": email, "password": password}).json()["access_token"]
    lived_at = {"name": "Maria Sibylla Merian", "line1": "Rozengracht 1", "city": "Amsterdam", "postal_code": "1016LC"}
    kept = shop.guest.post(
        "/api/v1/me/addresses", json={**lived_at, "country": "NL"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert kept.status_code == 201, kept.text
    return kept.json()["id"]


def statement_of(shop, email: str, password: str) -> str:
    """The id of one that is ready."""
    token = shop.guest.post("/api/v1/auth/signin", json={"email": email, "password": password}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    asked = shop.guest.get("/api/v1/wallet/statement?from=2025-01-01&to=2025-06-30", headers=headers)
    assert asked.status_code == 202, asked.text
    until = time.monotonic() + 60
    while (state := shop.guest.get(asked.json()["status_url"], headers=headers).json())["status"] != "ready":
        assert time.monotonic() < until, state
        time.sleep(0.2)
    return asked.json()["statement_id"]


def money_for_staff(shop, paid: dict) -> str:
    """Refunds that are done and that wait for staff's own transfer, and the id of a reconciliation."""

    def once(path: str, body: dict | None = None) -> dict:
        answer = shop.staff.post(f"/api/v1/admin/{path}", json=body, headers={"Idempotency-Key": str(uuid4())})
        return answer.json()

    transfer = shop.place_order("axe@example.com", "", provider="bank_transfer")
    once(f"payments/{transfer['payments'][0]['id']}/receipt")
    for order in (paid, transfer):
        once(f"orders/{order['id']}/refunds", {"amount": {"amount": 100, "currency": "EUR"}, "reason": "Scratched"})
    once("reconciliations", {})  # unless that of the day is under way
    return shop.staff.get("/api/v1/admin/reconciliations").json()["items"][0]["id"]


def use_wallet(shop, customer_id: str, email: str, password: str) -> dict[str, str]:
    """Ids of transactions in it: a purchase that was given back in part, and a withdrawal that waits."""
    shop.fill_wallet(email, password, 5000)

    def make(client, url: str, **body) -> str:
        headers = {"Idempotency-Key": str(uuid4())} | ({} if client is shop.staff else shop.bearer(email, password))
        made = client.post(url, json=body, headers=headers)
        assert made.status_code == 201, made.text
        return made.json()["id"]

    url = f"/api/v1/admin/wallets/{customer_id}/transactions"
    euro = {"amount": 1000, "currency": "EUR"}
    bought = make(shop.staff, url, operation="purchase", amount=euro, reason="Repair of a stove")
    part = {"amount": 300, "currency": "EUR"}
    make(shop.staff, url, operation="reversal", amount=part, parent_id=bought, reason="Too dear")
    return {
        "bought": bought,
        "asked_back": make(shop.guest, "/api/v1/wallet/transactions", operation="withdraw", amount=euro),
    }


def register_program(shop) -> str:
    """Its id."""
    wish = {"name": "Ledger", "redirect_uris": ["https://app.example.com/callback"], "confidential": True}
    wish["scopes"] = ["profile.read", "addresses.read"]
    made = shop.staff.post("/api/v1/admin/oauth/clients", json=wish)
    assert made.status_code == 201, made.text
    return made.json()["client_id"]


def question_of(shop) -> str:
    """What a program sends along with people who are to let it in."""
    asked = {"client_id": register_program(shop), "redirect_uri": "https://app.example.com/callback"}
    asked |= {"response_type": "code", "scope": "profile.read", "state": "x"}
    return urlencode(asked | {"code_challenge": "x" * 43, "code_challenge_method": "S256"})


async def test_pages_of_whoever_comes_along(visitor, shop):
    shop.guest.post("/api/v1/auth/signup", json={"email": "new@example.com", "password": PASSWORD, "name": "New"})
    confirm = shop.link_in(shop.message("new@example.com", "verify_email"))
    shop.guest.post("/api/v1/auth/password/forgot", json={"email": ADMIN})
    choose = shop.link_in(shop.message(ADMIN, "reset_password"))
    shop.staff.post("/api/v1/admin/staff", json={"email": "new@shop.example", "name": "New", "roles": ["viewer"]})
    invited = shop.link_in(shop.message("new@shop.example", "staff_invitation"))
    made = {"confirm": confirm, "choose": choose, "invited": invited, "move_back": link_back_from_a_move(shop)}
    await examine_all(visitor, *addresses(pages.GUEST, sold_out=SOLD_OUT, **made))


async def test_the_description_of_the_api(visitor):
    sources: dict[str, str] = {}
    assert await examine(visitor, "/docs", sources, LOOKS[:1]) == []
    assert faults_of(sources) == []


async def test_pages_of_a_buyer(visitor, shop):
    cards = {"paid": "ok", "declined": "declined", "waiting": "3ds_ok"}
    orders = {name: shop.place_order("axe@example.com", card) for name, card in cards.items()}
    for name, provider in (("transfer", "bank_transfer"), ("at_the_door", "cash_on_delivery")):
        orders[name] = shop.place_order("axe@example.com", "", provider=provider)
    challenge = orders["waiting"]["payments"][0]["redirect_url"]
    await examine_all(visitor, "/cart")  # of nothing
    await put_into_cart(visitor, "bothy-enamel-mug", quantity=2)
    await examine_all(visitor, *addresses(pages.BUYER, challenge=challenge, **addresses_of_orders(orders)))


async def test_pages_of_a_customer(visitor, shop):
    shop.sign_up(*CUSTOMER, "Maria Sibylla Merian")
    await sign_in(visitor, *CUSTOMER)
    move = link_of_a_move(shop, *CUSTOMER, "maria@surinam.example")
    made = {"address_id": address_of(shop, *CUSTOMER), "question": question_of(shop), "move": move}
    made["statement"] = statement_of(shop, *CUSTOMER)
    await examine_all(visitor, "/account/payment-methods", "/account/wallet")  # nothing there yet
    shop.fill_wallet(*CUSTOMER, 500)
    for _ in range(2):
        shop.keep_method(*CUSTOMER)
    made["setup"] = shop.begin_method(*CUSTOMER)
    await examine_all(visitor, *addresses(pages.CUSTOMER, **made))
    await put_into_cart(visitor, "bothy-enamel-mug")
    await examine_all(visitor, "/checkout", "/admin")


async def test_pages_of_the_back_office(visitor, shop):
    orders = {
        name: shop.place_order("axe@example.com", card) for name, card in (("paid", "ok"), ("declined", "declined"))
    }
    made = {
        "product_id": shop.product("bothy-enamel-mug")["id"],
        "message_id": shop.message("axe@example.com", "payment_failed")["id"],
        **{f"{name}_id": order["id"] for name, order in orders.items()},
        **{f"{name}_payment": order["payments"][0]["id"] for name, order in orders.items()},
        "reconciliation_id": money_for_staff(shop, orders["paid"]),
    }
    member = {"email": "bo@shop.example", "name": "Bo", "roles": ["orders", "viewer"]}
    made["member_id"] = shop.staff.post("/api/v1/admin/staff", json=member).json()["id"]
    made["own_id"] = shop.staff.get("/api/v1/me").json()["id"]
    shop.sign_up("customer@example.com", PASSWORD, "Kim Customer")
    found = shop.staff.get("/api/v1/admin/customers?q=customer@example.com").json()["items"]
    made["customer_id"] = found[0]["id"]
    made |= use_wallet(shop, made["customer_id"], "customer@example.com", PASSWORD)
    card = {"amount": {"amount": 2500, "currency": "EUR"}}
    assert shop.staff.post("/api/v1/admin/gift-cards", json=card, headers={"Idempotency-Key": str(uuid4())}).is_success
    made["client_id"] = register_program(shop)
    role = {"code": "night-shift", "title": "Night shift", "permissions": ["orders.view", "stock.view"]}
    shop.staff.post("/api/v1/admin/roles", json=role)
    await sign_in(visitor, ADMIN, PASSWORD, "/admin")
    made["import_id"] = (await upload(visitor, "goods.csv", GOODS)).rsplit("/", 1)[-1]
    await examine_all(visitor, *addresses(pages.STAFF, **made))


async def test_pages_of_errors(visitor, shop, environment):
    """As they are rendered; who makes the shop fail on purpose is tests/reliability."""
    from shop.kernel.http.templating import render_error

    request = Request({"type": "http", "path": "/broken", "headers": []})
    errors = {
        f"/broken/{status}": render_error(request, status, "It is so", "That is why.")
        for status in (400, 403, 429, 500, 503)
    }

    async def answer(route: Route) -> None:
        html = errors[urlsplit(route.request.url).path]
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    await visitor.route("**/broken/*", answer)
    await examine_all(visitor, *errors)


async def test_a_fault_of_a_page_would_be_noticed(chromium, shop):
    async with await chromium.new_context(base_url=shop.url) as context:
        faults: list[str] = []
        page = await watched_page(context, faults)
        await page.goto("/about")
        assert faults == []
        await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"width: 200vw\">x</p>')")
        await page.evaluate("setTimeout(() => { throw new Error('a script that fails') })")
        await page.evaluate("document.querySelector('main').innerHTML = '<img src=\"/favicon.svg\">'")
        found = await examine_shown(page)
    assert faults_of({"/made-up": "<!doctype html><html lang=en><title>x</title><ul><p>no item</p></ul>"})
    assert any("Content Security Policy" in fault for fault in faults)
    assert any("a script that fails" in fault for fault in faults)
    assert any("image-alt" in fault for fault in found)


@pytest.mark.parametrize("button", ["Menu", "Filters"])
async def test_drawers_open_and_close_on_a_phone(new_visitor, button):
    page = await new_visitor(viewport=PHONE, java_script_enabled=False)
    await page.goto("/c/camp-trail")
    await page.get_by_role("button", name=button, exact=True).click()
    close = page.get_by_role("button", name=f"Close {'the menu' if button == 'Menu' else 'filters'}")
    await expect(close).to_be_visible()
    await close.click()
    await expect(close).to_be_hidden()


async def test_the_drawer_of_filters_is_accessible_too(new_visitor):
    page = await new_visitor(viewport=PHONE)
    await page.goto("/c/camp-trail")
    await page.get_by_role("button", name="Filters", exact=True).click()
    found = await Axe().run(page)
    assert [each["id"] for each in found.response["violations"] if each["impact"] in GRAVE] == []
