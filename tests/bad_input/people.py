"""A small shop with one of everything, and those who come to it: a guest, a customer, a stranger and staff.

Requests that are taken use things up (a cart becomes an order, a link works once). `renew()` makes them afresh, so that
the next piece of bad input meets the same shop. A later module adds what its pages and paths name to `known` or `doors`.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from shop.kernel.db import sql, write
from shop.kernel.uow import UnitOfWork
from tests.conftest import new_client
from tests.factories.catalog import MadeProduct, make_product
from tests.factories.identity import bearer, hash_of, make_account, mint, sign_in_browser
from tests.factories.orders import cart_of, check_out, open_shop

DEAD_EVENT = UUID("01900000-0000-7000-8000-00000000dead")
PEOPLE = ("guest", "customer", "stranger", "staff")
"""The stranger is a customer too, of whom none of the things is."""


class Shop:
    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.mug: MadeProduct
        self.known: dict[str, Any] = {}
        """Values of path parameters and fields, by name: things of the guest."""
        self.doors: dict[str, Callable[[], Awaitable[str]]] = {
            "the order to be paid": self._order_link,
            "the bank's question": self._challenge,
            "the link that confirms an address": lambda: self._link("verify"),
            "the link that changes a password": lambda: self._link("reset"),
        }
        """Pages that a visitor reaches by a link in a mail or from a provider, and not from another page."""
        self.browsers: dict[str, httpx.AsyncClient] = {}
        self.api = new_client(gateway)
        self.headers: dict[str, dict[str, str]] = {}
        self._accounts: dict[str, UUID] = {}
        self._message_id = uuid4()
        self._run_id = uuid4()
        self._address_id = uuid4()

    async def open(self) -> None:
        await open_shop()
        self.mug = await make_product("Mug", price=1999, stock=50_000, options={"Size": ["S", "L"]}, refresh=True)
        for who, permissions in (("customer", ()), ("stranger", ()), ("staff", ("*",))):
            self._accounts[who] = await make_account(f"{who}@example.com", permissions=permissions)
        await self.renew()

    async def close(self) -> None:
        for each in (self.api, *self.browsers.values()):
            await each.aclose()

    async def renew(self, people: Iterable[str] = PEOPLE) -> None:
        """Everything that a request of these people may have used up."""
        await write(self._mend)
        self.headers["guest"] = {}
        for who in people:
            if who in self._accounts:
                self.headers[who] = await bearer(self._accounts[who])
            self.browsers[who] = await self._browser(who)
        await self.renew_things()

    async def renew_things(self) -> None:
        cart = await cart_of(self.api, (self.mug, 2))
        order = (
            await check_out(self.api, await cart_of(self.api, (self.mug, 1)), token="declined", shipping=490)
        ).json()
        self.known = {
            "cart_id": cart["id"],
            "line_id": cart["lines"][0]["id"],
            "order_id": order["id"],
            "payment_id": order["payments"][0]["id"],
            "Order-Token": order["access_token"],
            "slug": self.mug.slug,
            "product_id": str(self.mug.id),
            "variant_id": str(self.mug.variant_id),
            "message_id": str(self._message_id),
            "row_id": str(DEAD_EVENT),
            "run_id": str(self._run_id),
            "address_id": str(self._address_id),
            "account_id": str(self._accounts["stranger"]),
            "expected_total": {"amount": 2 * 1999 + 490, "currency": "EUR"},
        }

    def value_of(self, path: str, name: str) -> str | None:
        """What `{name}` in an address stands for; None when this shop has no such thing."""
        if name == "token":
            name = "cart_id"
        return self.known.get(name)

    async def _browser(self, who: str) -> httpx.AsyncClient:
        """Signed in, with a cart."""
        if who in self.browsers:
            await self.browsers[who].aclose()
        browser = new_client(self.gateway)
        if who in self._accounts:
            await sign_in_browser(browser, self._accounts[who])
        csrf = csrf_in((await browser.get(f"/p/{self.mug.slug}")).text)
        form = {"variant_id": str(self.mug.variant_id), "quantity": "2", "csrf_token": csrf}
        answer = await browser.post("/cart/lines", data=form)
        assert answer.status_code == 303, answer.text
        await browser.get("/cart")
        return browser

    async def _order_link(self) -> str:
        return f"/orders/{self.known['order_id']}?token={self.known['Order-Token']}"

    async def _challenge(self) -> str:
        cart = await cart_of(self.api, (self.mug, 1))
        order = (await check_out(self.api, cart, token="3ds_ok")).json()
        return f"/sandbox/3ds/{order['payments'][0]['id']}"

    async def _link(self, purpose: str) -> str:
        return f"/{purpose}/{await mint(purpose, self._accounts['customer'])}"

    async def _mend(self, uow: UnitOfWork) -> None:
        """A message and an event that staff may send on their way again, a file to import, everybody's password, a worker that lives."""
        await sql(uow).execute(
            text(
                "insert into notifications.message (id, template, subject_key, status, to_address, subject, html, text)"
                " values (:id, 'order_confirmation', :key, 'dead', 'ada@example.com', 'Hello', '<p>Hello</p>', 'Hello')"
                " on conflict (id) do update set status = 'dead'"
            ),
            {"id": self._message_id, "key": str(self._message_id)},
        )
        await sql(uow).execute(
            text(
                "insert into kernel.outbox (id, event_id, event, subscriber, payload, state, attempts, last_error)"
                " values (:id, :id, 'cart.line_added.v1', 'nobody.when_line_added', '{}', 'dead', 10, 'Error: no')"
                " on conflict (id) do update set state = 'dead'"
            ),
            {"id": DEAD_EVENT},
        )
        await sql(uow).execute(
            text(
                "insert into catalog.import_run (id, started_by, file_name, file_size, stage, state, mapping)"
                " values (:id, :id, 'goods.csv', 100, 'check', 'done', 'rows = 1')"
                " on conflict (id) do update set stage = 'check', state = 'done'"
            ),
            {"id": self._run_id},
        )
        # Whoever closed an account by a request that was taken has it back.
        await sql(uow).execute(
            text("update identity.account set closed_at = null, email_key = lower(email) where closed_at is not null")
        )
        await sql(uow).execute(
            text(
                "insert into identity.address (id, account_id, name, line1, city, postal_code, country, created_at, updated_at)"
                " values (:id, :account_id, 'Ada', 'Unter den Linden 5', 'Berlin', '10117', 'DE', now(), now())"
                " on conflict (id) do nothing"
            ),
            {"id": self._address_id, "account_id": self._accounts["customer"]},
        )
        await sql(uow).execute(text("delete from identity.address where id <> :id"), {"id": self._address_id})
        await sql(uow).execute(text("delete from cart.cart where account_id is not null"))
        await sql(uow).execute(text("update identity.account set password_hash = :hash"), {"hash": hash_of()})
        await sql(uow).execute(
            text(
                "insert into kernel.heartbeat (process, seen_at) values ('worker', now())"
                " on conflict (process) do update set seen_at = now()"
            )
        )


def csrf_in(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]
