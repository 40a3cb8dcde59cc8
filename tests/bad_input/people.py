"""A small shop with one of everything, and those who come to it: a guest, a customer, a stranger and staff.

Requests that are taken use things up (a cart becomes an order, a link works once). `renew()` makes them afresh, so that
the next piece of bad input meets the same shop. A later module adds what its pages and paths name to `known` or `doors`.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from sqlalchemy import text

from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.kernel.http.sessions import SessionStore, cookie_name
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.pages.second_factor import KEY, FirstStep
from shop.modules.identity.repository import staff
from shop.modules.identity.service.sign_in import park
from tests.bad_input import account_things as things
from tests.bad_input import money_things, wallet_things
from tests.conftest import new_client
from tests.factories.catalog import MadeProduct, make_product
from tests.factories.identity import bearer, hash_of, make_account, mint, proof_of, sign_in_browser
from tests.factories.orders import cart_of, check_out, open_shop

DEAD_EVENT = UUID("01900000-0000-7000-8000-00000000dead")
PEOPLE = ("guest", "customer", "stranger", "staff")
"""The stranger is a customer too, of whom none of the things is."""


@dataclass(frozen=True)
class Door:
    """A page that one reaches by a link in a mail, from a provider or in the middle of something, and not from a page."""

    who: str
    find: Callable[[], Awaitable[str]]
    """Makes what the page needs, and returns its address."""


class Shop:
    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.mug: MadeProduct
        self.known: dict[str, Any] = {}
        """Values of path parameters and fields, by name: things of the guest."""
        self.doors = {
            "the order to be paid": Door("guest", self._order_link),
            "the bank's question": Door("guest", self._challenge),
            "the link that confirms an address": Door("guest", lambda: self._link("verify")),
            "the link that changes a password": Door("guest", lambda: self._link("reset")),
            "the invitation": Door("guest", lambda: self._link("invite", "invited")),
            "the link that takes back a new address": Door("guest", lambda: self._address_link("revert-email")),
            "the link that confirms a new address": Door("customer", lambda: self._address_link("change-email")),
            "the second step of signing in": Door("guest", self._second_step),
            "the app to set up": Door("stranger", self._new_app),
            "the program's question": Door("stranger", lambda: self._at(things.ASKED_BY_PROGRAM)),
            "the question who it is": Door("customer", lambda: self._at("/account/confirm")),
            "the card to keep": Door("customer", lambda: self._at(f"/account/payment-methods/{things.SETUP_ID}")),
            "the purchase that is held": Door("staff", self._held_purchase),
            "a role behind many": Door("staff", lambda: self._at(f"/admin/roles/{things.SPARE_ROLE}")),
        }
        self.browsers: dict[str, httpx.AsyncClient] = {}
        self.api = new_client(gateway)
        self.headers: dict[str, dict[str, str]] = {}
        self._accounts: dict[str, UUID] = {}
        self._message_id = uuid4()
        self._run_id = uuid4()
        self._paid_order = ""

    async def open(self) -> None:
        await open_shop()
        self.mug = await make_product("Mug", price=1999, stock=50_000, options={"Size": ["S", "L"]}, refresh=True)
        for who, permissions in (("customer", ()), ("stranger", ()), ("staff", ("*",))):
            self._accounts[who] = await make_account(f"{who}@example.com", permissions=permissions)
        self._accounts["colleague"] = await make_account("colleague@example.com", roles=("orders",))
        self._accounts["invited"] = await make_account("invited@example.com", verified=False)
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
        await write(self._give_things)
        cart = await cart_of(self.api, (self.mug, 2))
        order = (
            await check_out(self.api, await cart_of(self.api, (self.mug, 1)), token="declined", shipping=490)
        ).json()
        paid = await check_out(self.api, await cart_of(self.api, (self.mug, 1)))
        self._paid_order = paid.json()["id"]
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
            "address_id": str(things.ADDRESS_ID),
            "key_id": str(things.KEY_ID),
            "client_id": str(things.CLIENT_ID),
            "passkey_id": str(things.PASSKEY_ID),
            "account_id": str(self._accounts["stranger"]),
            "customer_id": str(self._accounts["customer"]),
            "statement": str(things.STATEMENT_ID),
            "transaction_id": str(wallet_things.PURCHASE_ID),
            "withdrawal_id": str(wallet_things.WITHDRAWAL_ID),
            "card_id": str(wallet_things.CARD_ID),
            "setup_id": str(things.SETUP_ID),
            "expected_total": {"amount": 2 * 1999 + 490, "currency": "EUR"},
        }

    def value_of(self, path: str, name: str) -> str | None:
        """What `{name}` in an address stands for; None when this shop has no such thing."""
        if name == "token":
            name = "cart_id"
        if (of_money := money_things.value_of(path, name)) is not None:
            return of_money
        if name == "order_id" and path.startswith(("/admin/", "/api/v1/admin/")):
            return self._paid_order
        if name == "account_id" and "/staff" in path:
            return str(self._accounts["colleague"])
        if name == "method_id":
            return str(things.METHOD_ID)  # not among `known`: in a body it would be a method of whoever sends it
        return things.SPARE_ROLE if name == "code" else self.known.get(name)

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

    async def _link(self, purpose: str, who: str = "customer") -> str:
        return f"/{purpose}/{await mint(purpose, self._accounts[who])}"

    async def _address_link(self, purpose: str) -> str:
        token = await write(things.link_to_an_address, purpose.replace("-", "_"), self._accounts["customer"])
        return f"/{purpose}/{token}"

    async def _second_step(self) -> str:
        browser = self.browsers["guest"]
        proof = await proof_of(self._accounts["colleague"])
        step = FirstStep(
            account_id=proof.account_id,
            version=proof.version,
            is_staff=proof.is_staff,
            methods=proof.signed_in.methods,
            at=clock.now().timestamp(),
            target=None,
        )
        before = browser.cookies[cookie_name()]
        guest = await read(port(SessionStore).load_session, before)
        data = {**(guest.data if guest else {}), KEY: msgspec.to_builtins(step)}
        token = await write(park, proof, before, data)
        browser.cookies.set(cookie_name(), token, domain="testserver.local")
        return "/signin/code"

    async def _new_app(self) -> str:
        async def begin(uow: UnitOfWork) -> None:
            await things.give_app(uow, self._accounts["stranger"], confirmed=False)

        await write(begin)
        return "/account/security/app"

    async def _held_purchase(self) -> str:
        return f"/admin/wallets/{self._accounts['customer']}/transactions/{wallet_things.HELD_ID}"

    async def _at(self, url: str) -> str:
        return url

    async def _give_things(self, uow: UnitOfWork) -> None:
        await things.give_things(uow, self._accounts["customer"])
        await money_things.give_money(uow)
        await things.give_app(uow, self._accounts["colleague"])
        await staff.set_roles(uow, self._accounts["colleague"], ["orders"])
        not_come_yet = text("update identity.account set verified_at = null where id = :id")
        await sql(uow).execute(not_come_yet, {"id": self._accounts["invited"]})

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
