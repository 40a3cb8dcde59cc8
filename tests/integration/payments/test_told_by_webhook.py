"""What a provider tells when nobody is on the page: a bank that takes money back, and a card that is to be kept. Each from the
provider's books by its signed webhook to where staff and customers see it."""

from collections.abc import AsyncIterator
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
import pytest

from shop.contracts.payments import PaymentRequest, Payments
from shop.kernel.db import read
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.ports import PAYPAL, STRIPE
from shop.modules.payments.schemas import Intent
from shop.modules.payments.service.process_payment import look_up_payment
from shop.modules.wallet.service.deposit import fill_wallet
from tests.factories.back_office import DESK, member
from tests.factories.identity import bearer, make_account
from tests.factories.payments import get_intent
from tests.factories.provider_post import open_post
from tests.factories.wallet import assert_books_balance, balance_of, make_wallet
from tests.fakes.paypal_api.process import PayPalFake
from tests.fakes.stripe_api.process import StripeFake

FILLED = Money(2000, "EUR")
METHODS = "/api/v1/me/payment-methods"


async def deposit_of(account_id: UUID, provider: str, token: str | None) -> Intent:
    filled = await fill_wallet(account_id, "once", FILLED, PaymentRequest(provider, token))
    payment = (await read(port(Payments).find_deposits, [filled.id]))[filled.id]
    return await get_intent(payment.id)


class Bank(Protocol):
    """A provider of whose buyers one goes to the bank."""

    async def listen(self, url: str) -> None: ...

    async def fill(self, account_id: UUID) -> Intent:
        """A wallet, with what was captured."""

    async def dispute(self, intent: Intent) -> str: ...

    async def decide(self, dispute_ref: str, *, won: bool) -> None: ...

    async def told(self) -> None:
        """Returns when the shop has all of its webhooks."""


class StripesBank:
    def __init__(self, fake: StripeFake) -> None:
        self._fake = fake

    async def listen(self, url: str) -> None:
        await self._fake.register_webhook(f"{url}/webhooks/stripe")

    async def fill(self, account_id: UUID) -> Intent:
        return await deposit_of(account_id, "stripe", "pm_card_visa")

    async def dispute(self, intent: Intent) -> str:
        return str((await self._fake.control("dispute", intent=intent.provider_ref))["id"])

    async def decide(self, dispute_ref: str, *, won: bool) -> None:
        await self._fake.control("decide_dispute", dispute=dispute_ref, won=won)

    async def told(self) -> None:
        await self._fake.delivered()


class PayPalsBank:
    def __init__(self, fake: PayPalFake) -> None:
        self._fake = fake

    async def listen(self, url: str) -> None:
        await self._fake.register_webhook(f"{url}/webhooks/paypal")

    async def fill(self, account_id: UUID) -> Intent:
        intent = await deposit_of(account_id, "paypal", None)
        await self._fake.approve(intent.provider_ref or "")
        await look_up_payment(intent.id)
        return await get_intent(intent.id)

    async def dispute(self, intent: Intent) -> str:
        return str(await self._fake.do("dispute", capture_id=intent.capture_ref))

    async def decide(self, dispute_ref: str, *, won: bool) -> None:
        outcome = "RESOLVED_SELLER_FAVOUR" if won else "RESOLVED_BUYER_FAVOUR"
        await self._fake.do("resolve_dispute", dispute_id=dispute_ref, outcome=outcome)

    async def told(self) -> None:
        await self._fake.delivered()


@pytest.fixture(params=["stripe", "paypal"])
def some_bank(request: pytest.FixtureRequest, db: None) -> Bank:
    if request.param == "stripe":
        return StripesBank(request.getfixturevalue("stripe_fake"))
    return PayPalsBank(request.getfixturevalue("paypal"))


@pytest.fixture
async def bank(some_bank: Bank, client: httpx.AsyncClient) -> AsyncIterator[Bank]:
    async with open_post(client) as (_, url):
        await some_bank.listen(url)
        yield some_bank
    await STRIPE.aclose()
    await PAYPAL.aclose()


async def listed(desk: Any) -> list[dict[str, Any]]:
    answer = await desk("GET", "disputes")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("won", [False, True], ids=["lost", "won"])
async def test_a_dispute_is_seen_by_staff_and_a_wallet_gives_back_what_is_lost(client, bank, drain_outbox, won):
    desk, ada = await member(client, "desk", *DESK), await make_wallet()
    intent = await bank.fill(ada)
    await bank.told()
    await drain_outbox()
    assert (intent.status, await balance_of(ada), await listed(desk)) == ("captured", 2000, [])
    ref = await bank.dispute(intent)
    await bank.told()
    assert await listed(desk) == [], "applied after the answer, by a worker"
    await drain_outbox()
    [seen] = await listed(desk)
    assert (seen["provider_ref"], seen["payment_id"], seen["status"]) == (ref, str(intent.id), "needs_response")
    assert (seen["amount"], seen["respond_by"] is None) == ({"amount": 2000, "currency": "EUR"}, False)
    assert await balance_of(ada) == 2000
    await bank.decide(ref, won=won)
    await bank.told()
    await drain_outbox()
    [seen] = await listed(desk)
    assert seen["status"] == ("won" if won else "lost")
    assert await balance_of(ada) == (2000 if won else 0)
    await assert_books_balance()


@pytest.fixture
async def stripe(client: httpx.AsyncClient, stripe_fake: StripeFake) -> AsyncIterator[StripeFake]:
    async with open_post(client) as (_, url):
        await stripe_fake.register_webhook(f"{url}/webhooks/stripe")
        yield stripe_fake
    await STRIPE.aclose()


async def test_a_card_is_kept_whose_owner_never_came_back_from_stripe(client, stripe, drain_outbox):
    hers = await bearer(await make_account())
    begun = await client.post(METHODS, json={"provider": "stripe"}, headers=hers | {"Idempotency-Key": str(uuid4())})
    assert begun.status_code == 201, begun.text
    setup_ref = begun.json()["client_secret"].partition("_secret")[0]
    card = {"payment_method": "pm_card_visa", "return_url": "http://testserver/back"}
    await stripe.call("POST", f"/v1/setup_intents/{setup_ref}/confirm", data=card)
    await stripe.delivered()
    assert (await client.get(METHODS, headers=hers)).json()["items"] == [], "applied after the answer, by a worker"
    await drain_outbox()
    [method] = (await client.get(METHODS, headers=hers)).json()["items"]
    assert (method["provider"], method["method"]["last4"], method["default"]) == ("stripe", "4242", True)
