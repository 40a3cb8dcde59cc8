"""What is measured and how: rounds in turn, shop, bare, shop, bare, so that a slow minute of the machine hits both."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench import webhooks
from bench.accounts import Ask, become_customer, in_turns, session_page, token_check
from bench.catalogue import CATEGORY, PRODUCTS, write_catalogue
from bench.checkouts import BareBuyers, ShopBuyers, buy, sign_in, wait_until_drained
from bench.client import Connection, LoadError, connect, connected, request, requests_a_second
from bench.servers import ADMIN_EMAIL, ADMIN_PASSWORD, Bare, Shop
from bench.sign_ins import RATE, SIGN_INS, p95_alone, p95_beside_sign_ins
from bench.wallet import AT_ONCE, WALLETS, Postings, bare_postings_a_second

CONNECTIONS = 8
CHECKOUT_SECONDS = 4.0
WARM_UP_SECONDS = 1.0
READY_WITHIN = 30.0  # seconds after an import, in which lists are counted
LISTS_ARE_BEHIND = 2.5  # seconds, at most
MEGABYTE = 1_000_000
VISITORS = [f"198.18.{number // 250}.{number % 250 + 1}" for number in range(10_000)]
"""So many that none of them comes near a limit; each is counted."""

Tell = Callable[[str], None]


class Figure(NamedTuple):
    """One row of the table. `asked` is the least ratio, with `unit` "ms" what it has to stay below (the ratio, or the
    milliseconds where nothing stands beside them), with "MB" the most memory; `bare` is None for memory and where the limit
    is absent."""

    what: str
    unit: str
    shop: float
    bare: float | None
    asked: float
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.shop / self.bare if self.bare else None

    @property
    def held(self) -> bool | None:
        """None when there is nothing to hold it against."""
        if self.unit == "MB":
            return self.shop < self.asked
        if self.unit == "ms":
            return self.shop < self.asked if self.ratio is None else self.ratio < self.asked
        return None if self.ratio is None else self.ratio >= self.asked


class Bench:
    def __init__(self, folder: Path, limit: Path | None, rounds: int, seconds: float, tell: Tell) -> None:
        self._folder, self._limit = folder, limit
        self._rounds, self._seconds, self._tell = rounds, seconds, tell
        self._shop = Shop(folder)
        self._bare = Bare(folder, limit) if limit else None
        self._stripe = webhooks.Stripe(folder)

    def measure(self) -> Iterator[Figure]:
        """Raises StartError, LoadError."""
        try:
            self._tell("starting a shop on an empty folder")
            self._shop.start(SHOP_PAGE_CACHE="off")
            self._tell(f"importing {PRODUCTS:,} products")
            self._shop.command("import", "products", str(write_catalogue(self._folder)), "--preset", "shop",
                               "--images", str(self._folder))  # fmt: skip
            self._begin()
            wait_until_drained(self._shop_connections[0], self._token)
            self._check_listing()
            yield self._throughput("category as JSON", f"/api/v1/products?category={CATEGORY}", "/listing.json", 0.4)
            yield self._throughput("category page, uncached", f"/c/{CATEGORY}", "/listing.html", 0.4)
            yield from self._accounts()
            self._end()
            self._tell("starting it again with its page cache and all its limits on, behind a proxy")
            self._shop.start(SHOP_RATE_LIMITS="on", SHOP_TRUSTED_PROXIES="127.0.0.1")
            self._begin()
            yield self._cached("category page, cached, limits on", f"/c/{CATEGORY}", VISITORS)
            yield self._cached("product page, cached, limits on", "/p/bench-1", VISITORS)
            self._end()
            self._tell("starting it again with its page cache on, as it comes")
            self._shop.start(**self._stripe.start().settings)
            self._begin()
            yield self._cached("category page, cached", f"/c/{CATEGORY}")
            yield self._cached("product page, cached", "/p/bench-1")
            yield self._sign_ins()
            yield from self._checkouts()
            yield from self._wallets()
            yield self._webhooks()
            yield self._memory()
        finally:
            self._end()
            self._stripe.stop()

    def _begin(self) -> None:
        workers = self._shop.workers()
        self._shop_connections = connect(self._shop.port, workers, CONNECTIONS)
        self._token = sign_in(self._shop_connections[0], ADMIN_EMAIL, ADMIN_PASSWORD)
        if self._bare:
            self._bare.start(self._shop.database_url("bare"), len(workers))
        self._bare_connections = self._connect_bare()

    def _connect_bare(self) -> list[Connection]:
        return connect(self._bare.port, self._bare.workers(), CONNECTIONS) if self._bare else []

    def _end(self) -> None:
        if self._bare:
            self._bare.stop()
        self._shop.stop()

    def _check_listing(self) -> None:
        """A list that is short or lacks its facets would be quick, and worth nothing; one that still changes has no length
        to hold answers against. Raises LoadError."""
        deadline, before = time.monotonic() + READY_WITHIN, None
        while True:
            found = self._get_json(f"/api/v1/products?category={CATEGORY}")
            counts = found["total"], len(found["items"]), len(found["facets"])
            if counts == (PRODUCTS, 24, 3) and found == before:
                return
            if time.monotonic() > deadline:
                raise LoadError(f"the category has (total, items, facets) {counts}, or changes all the time")
            before = found
            time.sleep(LISTS_ARE_BEHIND)

    def _get_json(self, path: str) -> Any:
        return self._shop_connections[0].ask(request("GET", path)).json()

    def _throughput(
        self,
        what: str,
        shop_path: str,
        bare_path: str,
        asked: float,
        note: str = "",
        visitors: Sequence[str] = (),
    ) -> Figure:
        def ask(connections: list[Connection], path: str, seconds: float) -> float:
            return requests_a_second(connections, path, seconds, visitors) if connections else 0.0

        ask(self._shop_connections, shop_path, WARM_UP_SECONDS)
        ask(self._bare_connections, bare_path, WARM_UP_SECONDS)
        shop, bare = [], []
        for number in range(1, self._rounds + 1):
            self._tell(f"{what}, round {number} of {self._rounds}")
            shop.append(ask(self._shop_connections, shop_path, self._seconds))
            bare.append(ask(self._bare_connections, bare_path, self._seconds))
        return Figure(what, "/s", median(shop), median(bare) or None, asked, note)

    def _accounts(self) -> Iterator[Figure]:
        def against(what: str) -> Callable[[Ask, Ask], tuple[float, float]]:
            # Both sides differ by a twentieth: the machine must not have the time to change its pace between them.
            rounds, seconds = 8 * self._rounds, self._seconds / 4
            return lambda one, other: in_turns(
                one, other, rounds, seconds, lambda words: self._tell(f"{what}, {words}")
            )

        shop, connections = self._shop, self._shop_connections
        customer = become_customer(shop, connections[0], self._token)
        what = "category page, uncached, signed in"
        shown = session_page(connections, f"/c/{CATEGORY}", customer, against(what))
        yield Figure(what, "/s", *shown, 0.8, "against itself for a stranger")
        what, slug = "own orders by token", self._get_json(f"/api/v1/products?category={CATEGORY}")["items"][0]["slug"]
        variant = self._get_json(f"/api/v1/products/{slug}")["variants"][0]["id"]
        checked = token_check(shop, connections, customer.token, variant, against(what))
        yield Figure(what, "/s", *checked, 0.92, "against itself without its access rule")

    def _cached(self, what: str, path: str, visitors: Sequence[str] = ()) -> Figure:
        page = self._shop_connections[0].ask(request("GET", path))
        if page.status != 200:
            raise LoadError(f"GET {path}: {page.status}")
        self._remember(page.body)
        return self._throughput(what, path, "/mem", 0.6, f"{len(page.body) / 1000:.0f} kB", visitors)

    def _remember(self, page: bytes) -> None:
        """Each process of the bare limit has a memory of its own, and each has several of these connections."""
        for connection in self._bare_connections:
            connection.ask(request("POST", "/mem", page, Content_Type="text/html; charset=utf-8"))
        for connection in self._bare_connections:
            if connection.ask(request("GET", "/mem")).body != page:
                raise LoadError("GET /mem does not answer what was sent there")

    def _sign_ins(self) -> Figure:
        people = connect(self._shop.port, self._shop.workers(), SIGN_INS)
        alone, beside, took = [], [], []
        for number in range(1, self._rounds + 1):
            self._tell(f"{SIGN_INS} sign-ins at once, round {number} of {self._rounds}")
            alone.append(p95_alone(self._shop_connections, f"/c/{CATEGORY}"))
            milliseconds, seconds = p95_beside_sign_ins(
                self._shop_connections, f"/c/{CATEGORY}", people, ADMIN_EMAIL, ADMIN_PASSWORD
            )
            beside.append(milliseconds)
            took.append(seconds)
        for each in people:
            each.close()
        self._bare_connections = self._connect_bare()  # those from before had nothing to do, and were closed meanwhile
        what = f"p95 of the cached page at {RATE:,.0f}/s, beside {SIGN_INS} sign-ins at once"
        note = f"against itself before; the sign-ins took {median(took):.1f} s"
        return Figure(what, "ms", median(beside), median(alone), 2.0, note)

    def _variants(self) -> list[str]:
        """A hundred to buy."""
        return [
            self._get_json(f"/api/v1/products/{item['slug']}")["variants"][0]["id"]
            for item in self._get_json(f"/api/v1/products?category={CATEGORY}&limit=100")["items"]
        ]

    def _checkouts(self) -> Iterator[Figure]:
        shop_buyers, bare_buyers = ShopBuyers(self._variants()), BareBuyers(PRODUCTS)
        buy(shop_buyers, self._shop_connections, WARM_UP_SECONDS)
        wait_until_drained(self._shop_connections[0], self._token)
        if self._bare_connections:
            buy(bare_buyers, self._bare_connections, WARM_UP_SECONDS)
        answered, drained, bare = [], [], []
        for number in range(1, self._rounds + 1):
            self._tell(f"guest checkouts, round {number} of {self._rounds}")
            bought, took = buy(shop_buyers, self._shop_connections, CHECKOUT_SECONDS)
            answered.append(bought / took)
            drained.append(bought / (took + wait_until_drained(self._shop_connections[0], self._token)))
            if self._bare_connections:
                bought, took = buy(bare_buyers, self._bare_connections, CHECKOUT_SECONDS)
                bare.append(bought / took)
        limit = median(bare) if bare else None
        yield Figure("guest checkouts until the order is answered", "/s", median(answered), limit, 0.25, "8 at once")
        yield Figure("guest checkouts until the outbox is empty", "/s", median(drained), limit, 0.12, "8 at once")

    def _wallets(self) -> Iterator[Figure]:
        """16 at once on both sides; a round begins when the worker has nothing left of the one before."""
        with Postings(self._shop) as postings:
            for what, wallets, asked in ((f"wallet postings, {WALLETS:,} wallets", WALLETS, 0.12),
                                         ("wallet postings, one hot wallet", 1, 0.08)):  # fmt: skip
                ours, theirs = [], []
                for number in range(self._rounds + 1):
                    wait_until_drained(self._shop_connections[0], self._token)
                    self._tell(f"{what}, round {number} of {self._rounds}" if number else f"{what}, warming up")
                    ours.append(postings.a_second(wallets, self._seconds))
                    wait_until_drained(self._shop_connections[0], self._token)
                    theirs.append(self._bare_postings(wallets))
                yield Figure(what, "/s", median(ours[1:]), median(theirs[1:]) or None, asked, f"{AT_ONCE} at once")
            if (books := postings.books()) != "balanced":
                raise LoadError(f"the books don't balance: {books}")

    def _bare_postings(self, wallets: int) -> float:
        """By connections of their own: those that had nothing to do meanwhile were closed."""
        if self._bare is None:
            return 0.0
        with connected(self._bare.port, self._bare.workers(), AT_ONCE) as connections:
            return bare_postings_a_second(connections, wallets, self._seconds)

    def _webhooks(self) -> Figure:
        """A round begins when the worker has nothing left to do."""
        found, variants, workers = [], self._variants(), self._shop.workers()
        for number in range(1, self._rounds + 1):
            self._tell(f"webhooks, round {number} of {self._rounds}")
            with connected(self._shop.port, workers, CONNECTIONS) as connections:
                waiting = webhooks.place_orders(self._stripe, connections, variants)
            with connected(self._shop.port, workers, CONNECTIONS) as connections:
                wait_until_drained(connections[0], self._token)
            with connected(self._shop.port, workers, CONNECTIONS) as connections:
                found.append(webhooks.p95_of_acknowledgements(connections, waiting))
                wait_until_drained(connections[0], self._token)
                webhooks.expect_paid(connections[0], waiting)
        what = f"p95 until a webhook is acknowledged, {webhooks.RATE:.0f}/s"
        return Figure(what, "ms", median(found), None, 50)

    def _memory(self) -> Figure:
        if self._bare:
            self._bare.stop()
        parts = self._shop.memory()
        note = ", ".join(
            f"{part} {size / MEGABYTE:.0f}" for part, size in sorted(parts.items(), key=lambda each: -each[1])
        )
        return Figure("memory of everything after that (PSS)", "MB", sum(parts.values()) / MEGABYTE, None, 500, note)
