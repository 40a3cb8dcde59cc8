"""The ways to fill a wallet as part of a form: what the shop's payments offer, and the means that its owner has stored."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from shop.contracts.payments import Payment, PaymentMethod, PaymentRequest, StoredMethod
from shop.kernel.config import settings
from shop.kernel.errors import FieldError, Invalid
from shop.kernel.http import fields
from shop.modules.wallet.api_schemas import DepositPayment
from shop.modules.wallet.rules import NEVER_FILLS


class StoredChoice(msgspec.Struct, frozen=True):
    """`value` as the form sends it: the provider and the method."""

    value: str
    title: str
    text: str


class Ways(msgspec.Struct, frozen=True):
    methods: list[PaymentMethod]
    stored: list[StoredChoice]
    chosen: str | None

    @property
    def chosen_provider(self) -> str:
        return (self.chosen or "").partition("/")[0]


def ways_to_fill(offered: Sequence[PaymentMethod], kept: Sequence[StoredMethod], form: Mapping[str, str]) -> Ways:
    """What was chosen on the form, else what comes first."""
    methods = [each for each in offered if each.provider not in NEVER_FILLS]
    labels = {method.provider: method.label for method in methods}
    stored = [_stored(each, labels[each.provider]) for each in kept if each.provider in labels]
    values = [*(each.value for each in stored), *labels]
    wanted = form.get("payment.provider")
    return Ways(methods, stored, wanted if wanted in values else next(iter(values), None))


def _stored(kept: StoredMethod, label: str) -> StoredChoice:
    value, method = f"{kept.provider}/{kept.id}", kept.method
    if method.last4:
        return StoredChoice(
            value, f"{method.label} •••• {method.last4}", f"Expires {method.expires}" if method.expires else ""
        )
    return StoredChoice(value, label, method.label)


def request_in(form: Mapping[str, str]) -> PaymentRequest:
    """The chosen provider with a stored means of its own (`stripe/<id>`), or with what its own part of the form says
    (`payment.sandbox.token`). Raises Invalid."""
    provider, _, method_id = form.get("payment.provider", "").partition("/")
    if not provider:
        raise Invalid.field("payment.provider", "Choose how to pay")
    wanted: dict[str, Any] = {"provider": provider}
    if method_id:
        wanted["method_id"] = method_id
    elif token := form.get(f"payment.{provider}.token"):
        wanted["token"] = token
    if not method_id and form.get(f"payment.{provider}.save"):
        wanted["save"] = True
    try:
        return fields.check(DepositPayment, wanted).request()
    except Invalid as refusal:
        raise Invalid([FieldError(f"payment.{each.field}", each.message) for each in refusal.errors]) from refusal


def policy_for(methods: Iterable[PaymentMethod]) -> dict[str, str]:
    """Sources that the providers' forms load from, by directive: their `public` facts named `csp.<directive>`."""
    sources: dict[str, list[str]] = {}
    for method in methods:
        for name, value in method.public.items():
            if name.startswith("csp."):
                sources.setdefault(name.removeprefix("csp."), []).append(value)
    return {directive: " ".join(values) for directive, values in sources.items()}


def own_path(payment: Payment) -> str | None:
    """Where on our own site the customer confirms; None for a page of the provider's, or none at all."""
    url = (payment.redirect_url or "").removeprefix(settings().public_url)
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else None
