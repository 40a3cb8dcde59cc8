"""Payment providers with what stands for cards, buyers and banks there, and a look into their books.

A desk says in `can` what its provider, or the stand-in for it, knows at all; a test runs with every desk that can what the
test is about (`every_desk.desks_that`). To hold another provider against its contract: a `Desk`, its class in `every_desk.DESKS`,
and a fixture `<name>_desk` in conftest.py.
"""

from typing import Any, ClassVar, Literal, get_args

import msgspec

from shop.contracts.payment_providers import (
    MethodSetup,
    MethodVault,
    PaymentProvider,
    ProviderAnswer,
    ProviderIntent,
    ProviderRecords,
    RefundAnswer,
)
from shop.contracts.payments import PaymentId
from shop.kernel.ids import new_id
from shop.kernel.money import Money

Ability = Literal[
    "charge at once",  # the good card pays without its buyer
    "decline",
    "ask the buyer",
    "prepare",  # gives its own id before anything is charged
    "find unnamed",  # looks up by the payment's id alone
    "authorize",  # holds money until it is captured
    "release",  # takes a part, and leaves the rest
    "count refunds",  # refuses to give back more than it took
    "list refunds",  # says how much of a charge was given back
    "refund later",  # a refund may be pending, or fail after all
    "lose answers",
    "refuse outright",
    "show the method",
    "keep methods",
    "know the customer",  # gives an account the same name there each time
    "keep while paying",
    "list charges",
    "dispute",
]
EVERYTHING: frozenset[str] = frozenset(get_args(Ability))


class Desk:
    provider: PaymentProvider
    vault: MethodVault
    records: ProviderRecords
    can: ClassVar[frozenset[str]] = EVERYTHING
    good = "ok"
    bad = "declined"
    impossible = "no-such-card"
    refused = "broken"

    async def card_to_confirm(self) -> str:
        """One whose holder is asked by the bank."""
        raise NotImplementedError

    async def confirm(self, answer: ProviderAnswer) -> None:
        """What the buyer does at the bank, or at the provider's own page."""
        raise NotImplementedError

    async def charges(self, intent: ProviderIntent) -> int:
        """How many times money was asked for."""
        raise NotImplementedError

    async def taken(self, intent: ProviderIntent) -> int:
        """What was captured in all, minor units."""
        raise NotImplementedError

    async def refunded(self, intent: ProviderIntent) -> int:
        """What was given back in all, minor units."""
        raise NotImplementedError

    async def lose_answers(self) -> None:
        """From now on calls have their effect, and their answers get lost."""
        raise NotImplementedError

    async def behave(self) -> None:
        raise NotImplementedError

    async def card_with_slow_refunds(self) -> str:
        """One that is given money back later."""
        raise NotImplementedError

    async def end_refund(self, refund: RefundAnswer, *, well: bool) -> None:
        raise NotImplementedError

    async def enter_method(self, setup: MethodSetup) -> None:
        """The buyer enters, or approves, what is to be kept."""
        raise NotImplementedError

    async def dispute(self, answer: ProviderAnswer) -> str:
        """The buyer wants the money back through the bank; the provider's name of the case."""
        raise NotImplementedError

    async def pay(self, intent: ProviderIntent) -> tuple[ProviderIntent, ProviderAnswer]:
        """As far as it goes with the buyer's help: captured, or authorized where that was wanted."""
        return await charged(self, intent)


async def charged(desk: Desk, intent: ProviderIntent) -> tuple[ProviderIntent, ProviderAnswer]:
    """As the shop does it: the provider's own id is there before it is asked to charge. The intent as it is known then."""
    ref = await desk.provider.prepare(intent)
    answer = await desk.provider.charge(intent if ref is None else msgspec.structs.replace(intent, provider_ref=ref))
    return known(intent, answer), answer


def known(intent: ProviderIntent, answer: ProviderAnswer) -> ProviderIntent:
    """As the shop asks later: the token is gone, the references are there."""
    return msgspec.structs.replace(
        intent, token=None, provider_ref=answer.provider_ref, capture_ref=answer.capture_ref or intent.capture_ref
    )


def make_intent(token: str | None, amount: int = 1999, **fields: Any) -> ProviderIntent:
    payment_id = PaymentId(new_id())
    usual: dict[str, Any] = {
        "payment_id": payment_id,
        "order_id": new_id(),
        "amount": Money(amount, "EUR"),
        "token": token,
        "method_id": None,
        "return_url": f"http://testserver/payments/{payment_id}/return",
    }
    return ProviderIntent(**(usual | fields))
