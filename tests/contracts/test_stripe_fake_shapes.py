"""What the fake of Stripe's API answers has the shape of Stripe's own fixtures: every key, and values of the same type.

Null is allowed where the fixture has null or the official client's types say that the value may be missing.
"""

import json
import typing
from typing import Any

import httpx
import pytest
import stripe

from tests.fakes.stripe_api.process import SECRET_KEY, StripeFake

CLASSES = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "customer": stripe.Customer,
    "deleted_customer": stripe.Customer,
    "payment_method": stripe.PaymentMethod,
    "setup_intent": stripe.SetupIntent,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "token": stripe.Token,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "webhook_endpoint": stripe.WebhookEndpoint,
    "deleted_webhook_endpoint": stripe.WebhookEndpoint,
}
CARD = {"payment_method": "pm_card_visa", "allowed_payment_method_types[]": "card"}
EURO = {"amount": "2000", "currency": "eur", "metadata[payment_id]": "p1"}


def differences(ours: Any, theirs: Any, known: Any, where: str) -> list[str]:
    """`known`: the official client's class or type of it, None where it has none."""
    if ours is None:
        return [] if theirs is None or _may_be_null(known) else [f"{where} is null"]
    if theirs is None:
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        fields = _class_in(known)
        hints = getattr(fields, "__annotations__", {})
        found = [
            f"{where}.{name} is missing" for name in theirs if name not in ours and not _optional_part(where, hints)
        ]
        for name in theirs.keys() & ours.keys():
            found += differences(ours[name], theirs[name], _resolved(fields, hints.get(name)), f"{where}.{name}")
        return found
    if isinstance(theirs, list) and isinstance(ours, list):
        return [
            each for one in ours[:3] for other in theirs[:1] for each in differences(one, other, None, f"{where}[]")
        ]
    if isinstance(ours, str) and isinstance(theirs, dict):
        return []  # an expandable object: its id stands for it
    return [] if type(ours) is type(theirs) else [f"{where} is {ours!r} and not like {theirs!r}"]


def _optional_part(where: str, hints: dict[str, Any]) -> bool:
    """Inside of a union of kinds (a next action, a payment method's details) only one kind's keys are there."""
    return "." in where and not hints


def _may_be_null(known: Any) -> bool:
    return known is not None and type(None) in typing.get_args(known)


def _class_in(known: Any) -> Any:
    """The class of an object that may be null."""
    for each in typing.get_args(known):
        if isinstance(each, type) and issubclass(each, stripe.StripeObject):
            return each
    return known


def _resolved(owner: Any, hint: Any) -> Any:
    """Names of classes nested in their owner are strings in hints."""
    for each in typing.get_args(hint):
        name = each.__forward_arg__ if isinstance(each, typing.ForwardRef) else None
        nested = (getattr(owner, name, None) or getattr(stripe, name, None)) if name else None
        if nested is not None:
            return typing.Optional[nested]  # noqa: UP045  # made at run time
    if isinstance(hint, typing.ForwardRef | str):
        name = hint if isinstance(hint, str) else hint.__forward_arg__
        return getattr(owner, name, None)
    return hint


class Desk:
    """One of each thing, and each in the states that give it other keys."""

    def __init__(self, http: httpx.AsyncClient, fake: StripeFake) -> None:
        self._http, self._fake = http, fake

    async def post(self, path: str, expect: int = 200, **params: str) -> dict[str, Any]:
        answer = await self._http.post(f"/v1/{path}", data=params)
        assert answer.status_code == expect, answer.text
        return answer.json()

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self._http.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everything(self) -> list[dict[str, Any]]:
        fake = self._fake
        hook = await self.post(
            "webhook_endpoints", url="https://shop.example/hook", **{"enabled_events[]": "refund.failed"}
        )
        customer = await self.post("customers", email="shapes@example.com", **{"address[city]": "Berlin"})
        method = await self.post("payment_methods", type="card", **{"card[token]": "tok_amex"})
        await self.post(f"payment_methods/{method['id']}/attach", customer=customer["id"])
        await fake.control("settings", raw_cards=True)
        numbers = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        await self.post("tokens", **{f"card[{name}]": value for name, value in numbers.items()})
        await self.post("payment_intents", **EURO)
        await self.post("payment_intents", confirm="true", **EURO, **CARD)
        kept = {"customer": customer["id"], "off_session": "true", "payment_method": method["id"]}
        await self.post("payment_intents", confirm="true", **EURO, **{"allowed_payment_method_types[]": "card"}, **kept)
        asked = CARD | {"payment_method": "pm_card_threeDSecure2Required", "return_url": "https://shop.example/"}
        asking = await self.post("payment_intents", confirm="true", **EURO, **asked)
        await self.post("payment_intents", confirm="true", **EURO, **asked)
        await fake.control("authenticate", intent=asking["id"])
        declined = CARD | {"payment_method": "pm_card_chargeDeclined"}
        await self.post("payment_intents", 402, confirm="true", **EURO, **declined)
        held = await self.post("payment_intents", confirm="true", capture_method="manual", **EURO, **CARD)
        await self.post(f"payment_intents/{held['id']}/cancel")
        for card in ("pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund"):
            paid = await self.post("payment_intents", confirm="true", **EURO, **(CARD | {"payment_method": card}))
            await self.post("refunds", payment_intent=paid["id"], amount="100", reason="duplicate")
        await fake.control("advance")
        disputed = CARD | {"payment_method": "pm_card_createDispute"}
        await self.post("payment_intents", confirm="true", **EURO, **disputed)
        await self.post("setup_intents", customer=customer["id"])
        await self.post("setup_intents", confirm="true", **CARD)
        await self.post(
            "setup_intents", confirm="true", **(CARD | {"payment_method": "pm_card_authenticationRequired"})
        )
        await self.post("setup_intents", 402, confirm="true", **declined)
        found = [
            thing
            for kind in ("payment_intents", "charges", "refunds", "customers", "setup_intents", "disputes", "events")
            for thing in (await self.get(f"{kind}?limit=100"))["data"]
        ]
        found += (await self.get("balance_transactions?limit=100"))["data"]
        found += (await self.get(f"customers/{customer['id']}/payment_methods"))["data"]
        found += [await self.get("balance"), hook]
        gone = (await self._http.delete(f"/v1/customers/{customer['id']}")).json()
        gone_hook = (await self._http.delete(f"/v1/webhook_endpoints/{hook['id']}")).json()
        return [*found, gone, gone_hook]


@pytest.fixture
async def everything(stripe_fake: StripeFake) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=stripe_fake.base, auth=(SECRET_KEY, "")) as http:
        return await Desk(http, stripe_fake).everything()


async def test_every_object_has_the_shape_of_stripes_fixture(everything, real_data):
    fixtures = json.loads((real_data("conformance") / "stripe" / "fixtures3.json").read_text())["resources"]
    told: dict[str, set[str]] = {}
    seen: dict[str, int] = {}
    for thing in everything:
        kind = f"deleted_{thing['object']}" if thing.get("deleted") else thing["object"]
        seen[kind] = seen.get(kind, 0) + 1
        fixture = fixtures[kind]
        if thing["object"] == "event":  # its data are whatever happened, each checked by its own kind
            inner = thing["data"]["object"]
            told.setdefault(kind, set()).update(
                differences(inner, fixtures[inner["object"]], CLASSES[inner["object"]], f"event of {inner['object']}")
            )
            fixture = fixture | {"data": {"object": {}}}
        told.setdefault(kind, set()).update(differences(thing, fixture, CLASSES[kind], kind))
    assert {kind: sorted(found) for kind, found in told.items() if found} == {}
    assert set(seen) == set(CLASSES) - {"token"}
    assert min(seen[kind] for kind in ("payment_intent", "charge", "refund", "setup_intent", "event")) >= 3


async def test_the_comparison_sees_what_is_wrong(everything, real_data):
    fixture = json.loads((real_data("conformance") / "stripe" / "fixtures3.json").read_text())["resources"]
    intent = next(thing for thing in everything if thing["object"] == "payment_intent")
    wrong = {name: value for name, value in intent.items() if name != "amount_received"}
    wrong |= {"amount": "2000", "currency": None, "automatic_payment_methods": {"enabled": "yes"}}
    assert set(differences(wrong, fixture["payment_intent"], stripe.PaymentIntent, "it")) == {
        "it.amount_received is missing",
        "it.amount is '2000' and not like 1099",
        "it.currency is null",
        "it.automatic_payment_methods.enabled is 'yes' and not like True",
    }


async def test_a_token_has_the_shape_of_stripes_fixture(stripe_fake, real_data):
    fixture = json.loads((real_data("conformance") / "stripe" / "fixtures3.json").read_text())["resources"]["token"]
    await stripe_fake.control("settings", raw_cards=True)
    numbers = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
    card = {f"card[{name}]": value for name, value in numbers.items()}
    token = await stripe_fake.call("POST", "/v1/tokens", data=card)
    assert differences(token, fixture, stripe.Token, "token") == []
    paid_with = {"payment_method_data[type]": "card", "payment_method_data[card][token]": token["id"]}
    asked = {"amount": "500", "currency": "eur", "confirm": "true", "allowed_payment_method_types[]": "card"}
    paid = await stripe_fake.call("POST", "/v1/payment_intents", data=asked | paid_with)
    assert paid["status"] == "succeeded"
