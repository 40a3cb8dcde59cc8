"""A shop in which a customer has one of everything, and those who would like to have it too.

`WHOSE` says of each parameter of an address whose thing it names and where to find one. A new one stands in no row, and
`tests/attacks/test_others_things.py` says so: make such a thing in `Estate.renew_things`, and tell here whose it is.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import httpx
from sqlalchemy import text

from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.sessions import Session, StoredSession, cookie_name
from shop.kernel.uow import UnitOfWork
from tests.attacks.routes import Route
from tests.bad_input.account_things import link_to_an_address
from tests.bad_input.people import PEOPLE, Shop
from tests.conftest import new_client
from tests.factories.cart import CARTS, add_line, make_cart
from tests.factories.identity import bearer, make_account, mint, sign_in_browser
from tests.factories.moments import Moment
from tests.factories.orders import cart_of, check_out

Whose = Literal["anybody", "holder", "customer", "staff"]
"""A holder is whoever knows the name itself, which can't be guessed: a guest's cart, the link in a mail."""

WHOSE: dict[str, Whose] = {
    "/p/{slug}": "anybody",
    "/api/v1/products/{slug}": "anybody",
    "/c/{category_path}": "anybody",
    "/sitemaps/{name}": "anybody",
    "/sandbox/3ds/{payment_id}": "anybody",  # the demo's bank asks nobody who they are; it exists beside no real money
    "/payments/{payment_id}": "anybody",  # a way back from a provider, to the order's page, which asks for itself
    "/webhooks/{provider}": "anybody",  # a provider, by its name; what it sends is signed
    "/invite/{token}": "holder",
    "/verify/{token}": "holder",
    "/reset/{token}": "holder",
    "/api/v1/carts/{token}": "holder",
    "/cart/lines/{line_id}": "customer",
    "/orders/{order_id}": "customer",
    "/api/v1/orders/{order_id}": "customer",
    "/change-email/{token}": "holder",
    "/revert-email/{token}": "holder",
    "/signin/with/{name}": "anybody",  # a provider, by the name that its button has
    "/account/security/providers/{name}": "anybody",  # likewise; what is linked is one's own
    "/account/": "customer",
    "/api/v1/me/": "customer",
    "/api/v1/wallet/": "customer",
    "/admin/": "staff",
    "/api/v1/admin/": "staff",
}
"""By how a route's address begins; the longest row counts."""
BACK_TO_ONES_OWN = {
    "/cart/lines/{line_id:uuid}": "/cart",
    "/account/devices/{holder_id:uuid}/end": "/account/devices",
}
"""Where somebody is led who asks for what isn't theirs, instead of 404."""
NOTHING = "00000000-0000-7000-8000-000000000000"


def whose(route: Route) -> Whose | None:
    """Whose the things are that the address names; None when nobody has said so."""
    path = route.path.replace(":uuid", "").replace(":str", "").replace(":path", "").replace(":int", "")
    found = [start for start in WHOSE if path.startswith(start)]
    return WHOSE[max(found, key=len)] if found else None


class Estate(Shop):
    """`known` are things of the customer. The guest has a cart of their own, the stranger an order and a cart; the clerk
    is staff without a single right that a route asks for. Somebody invited has not come yet."""

    def __init__(self, gateway: Any, this_moment: Callable[[], Moment]) -> None:
        super().__init__(gateway)
        self._roles: list[dict[str, Any]] = []
        self._accounts_as_made: list[dict[str, Any]] = []
        self._this_moment = this_moment
        self.sessions: dict[str, str] = {}
        self.bearers: dict[str, dict[str, str]] = {}
        """Headers of no use any more, by why."""

    async def open(self) -> None:
        self._accounts["clerk"] = await make_account("clerk@example.com", permissions=("nothing.at.all",))
        await super().open()
        self._roles, self._accounts_as_made = await read(_roles), await read(_account_rows)
        await self.renew(["clerk"])
        await self._age()
        self._made = self._this_moment()
        self._known_as_made = dict(self.known)
        self._sessions_as_made = dict(self.sessions)
        self._headers_as_made = {who: dict(headers) for who, headers in self.headers.items()}
        self._cookies_as_made = {who: list(browser.cookies.jar) for who, browser in self.browsers.items()}

    async def go_back(self) -> None:
        """All is as it was when this estate was opened, also everybody's sessions and tokens: quicker than `renew`."""
        await self._made.bring_back()
        self.known = dict(self._known_as_made)
        self.sessions = dict(self._sessions_as_made)
        self.headers = {who: dict(headers) for who, headers in self._headers_as_made.items()}
        for who, cookies in self._cookies_as_made.items():
            self.browsers[who].cookies.clear()
            for cookie in cookies:
                self.browsers[who].cookies.jar.set_cookie(cookie)

    async def renew(self, people: Iterable[str] = PEOPLE) -> None:
        """Also the rights of staff, which staff may take from one another."""
        if self._roles:
            await write(_give_back, self._accounts_as_made, self._roles)
        await super().renew(people)

    @property
    def customer(self) -> UUID:
        return self._accounts["customer"]

    def account(self, who: str) -> UUID:
        return self._accounts[who]

    async def _age(self) -> None:
        """Tokens of the customer that were good once."""
        with clock.shifted(timedelta(days=-2)):
            self.bearers["expired"] = await bearer(self.customer)
        ended = await bearer(self.customer)
        answer = await self.api.post("/api/v1/auth/signout", headers=ended)
        assert answer.status_code == 204, answer.text
        self.bearers["revoked"] = ended

    async def renew_things(self) -> None:
        await super().renew_things()
        mine = self.headers["customer"]
        cart = (await self.api.post(CARTS, json={}, headers=mine)).json()
        if not cart["lines"]:
            cart = (await add_line(self.api, cart["id"], self.mug.variant_id, 2)).json()
        wanted = await cart_of(self.api, (self.mug, 1))
        order = (await check_out(self.api, wanted, token="declined", headers=mine)).json()
        theirs = await cart_of(self.api, (self.mug, 1))
        other = (await check_out(self.api, theirs, token="declined", headers=self.headers["stranger"])).json()
        self.others = {"order_token": other["access_token"], "cart_id": (await make_cart(self.api))["id"]}
        self.known |= {
            "cart_id": cart["id"],
            "line_id": cart["lines"][0]["id"],
            "order_id": order["id"],
            "payment_id": order["payments"][0]["id"],
            "Order-Token": order["access_token"],
            "category_path": "no-such-category",
            "name": "products-1.xml",
        }

        await self._renew_account()

    async def _renew_account(self) -> None:
        """Another place to be signed in."""
        mine = self.headers["customer"]
        await bearer(self.customer)
        places = (await self.api.get("/api/v1/me/sessions", headers=mine)).json()["items"]
        self.known["session_id"] = self.known["holder_id"] = next(each["id"] for each in places if not each["current"])

    async def _browser(self, who: str) -> httpx.AsyncClient:
        if who == "clerk":
            if who in self.browsers:
                await self.browsers[who].aclose()
            browser = new_client(self.gateway)
            await sign_in_browser(browser, self._accounts[who])
            await browser.get("/account")
        else:
            browser = await super()._browser(who)
        self.sessions[who] = next(each.value or "" for each in browser.cookies.jar if each.name == cookie_name())
        return browser

    async def values(self, route: Route) -> dict[str, str]:
        """What the address names, as it is the customer's or, in the back office, the shop's."""
        return {name: await self._value(route, name) for name in route.parameters}

    async def _value(self, route: Route, name: str) -> str:
        if name == "token" and not route.is_api:
            purpose = route.path.split("/")[1].replace("-", "_")
            if purpose in {"change_email", "revert_email"}:
                return await write(link_to_an_address, purpose, self.customer)
            return await mint(purpose, self._accounts["invited" if purpose == "invite" else "customer"])
        if name == "account_id":
            return str(self._accounts["customer" if "customers" in route.path else "clerk"])
        if name == "line_id" and not route.is_api:
            return self.known["line_id"]
        known = self.value_of(route.path, name)
        return str(known) if known is not None else NOTHING

    def csrf(self, who: str) -> str:
        """The token that forms of this person's session carry."""
        return csrf_of(self.sessions[who])


async def _roles(uow: UnitOfWork) -> list[dict[str, Any]]:
    found = await sql(uow).execute(text("select account_id, role from identity.account_role"))
    return [dict(row) for row in found.mappings()]


async def _account_rows(uow: UnitOfWork) -> list[dict[str, Any]]:
    found = await sql(uow).execute(
        text("select id, email, email_key, name, is_staff, verified_at, closed_at from identity.account")
    )
    return [dict(row) for row in found.mappings()]


async def _give_back(uow: UnitOfWork, accounts: list[dict[str, Any]], roles: list[dict[str, Any]]) -> None:
    await sql(uow).execute(text("delete from identity.consent"))
    as_made = text(
        "update identity.account set email = :email, email_key = :email_key, name = :name, is_staff = :is_staff,"
        " verified_at = :verified_at, closed_at = :closed_at where id = :id"
    )
    await sql(uow).execute(as_made, accounts)
    give = text("insert into identity.account_role values (:account_id, :role) on conflict do nothing")
    await sql(uow).execute(give, roles)


def csrf_of(session_token: str) -> str:
    token = csrf_token(Session(StoredSession(session_token, None, {})))
    assert token is not None
    return token


def tampered(token: str) -> Iterable[str]:
    """What somebody tries who has seen a token once, or has none."""
    swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
    return ("x", "null", "undefined", "0", swapped, token[:-1], token.swapcase(), f"{token}A", token * 3, NOTHING)
