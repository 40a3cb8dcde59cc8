"""PayPal accounts that PayPal keeps for an account of the shop's, saved on their own through setup tokens; what an order keeps
of its payer is told with the order. PayPal learns the account's id, and nothing else of it."""

from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec

from shop.contracts.payment_providers import MethodOwner, MethodSetup, ProviderAway, ProviderRefused, VaultedMethod
from shop.kernel.config import settings
from shop.modules.payments.gateways.paypal_answers import Customer, Source, method_shown
from shop.modules.payments.gateways.paypal_client import Link, PayPalClient, PayPalRefusal, conversation, payer_link

SETUPS: Final = "/v3/vault/setup-tokens"
TOKENS: Final = "/v3/vault/payment-tokens"
NOT_STORED: Final = "This PayPal account could not be stored. Please try again."
NOT_ALLOWED: Final = "PayPal accounts can't be stored here."
PAGES: Final = 10


class SetupToken(msgspec.Struct):
    id: str
    status: str
    customer: Customer = msgspec.field(default_factory=Customer)
    links: list[Link] = []


class PaymentToken(msgspec.Struct):
    id: str
    customer: Customer = msgspec.field(default_factory=Customer)
    payment_source: Source = msgspec.field(default_factory=Source)


class TokenPage(msgspec.Struct):
    payment_tokens: list[PaymentToken] = []
    links: list[Link] = []


class PayPalVault:
    """`contracts.payment_providers.MethodVault` over HTTP."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    async def begin(self, owner: MethodOwner, setup_id: UUID, return_url: str) -> MethodSetup:
        """Raises ProviderRefused for a merchant who may keep no payers."""
        async with conversation():
            try:
                made = await self._client.post(SETUPS, _wanted(owner, return_url), str(setup_id))
            except PayPalRefusal as refusal:
                if refusal.status in {httpx.codes.FORBIDDEN, httpx.codes.UNPROCESSABLE_ENTITY}:
                    raise ProviderRefused(NOT_ALLOWED) from refusal
                raise
            setup = msgspec.json.decode(made, type=SetupToken)
            if (redirect := payer_link(setup.links, "approve", "payer-action")) is None:
                raise ProviderAway(f"PayPal gives no page to approve {setup.id}")
            return MethodSetup(setup.id, setup.customer.id, redirect_url=redirect)

    async def finish(self, owner: MethodOwner, provider_ref: str) -> VaultedMethod | None:
        async with conversation():
            found = await self._client.find(f"{SETUPS}/{quote(provider_ref, safe='')}")
            if found is None:
                raise ProviderRefused(NOT_STORED)
            setup = msgspec.json.decode(found, type=SetupToken)
            _check_owner(owner, setup.customer)
            if setup.status not in {"APPROVED", "VAULTED", "TOKENIZED"}:
                return None
            return await self._exchange(setup)

    async def forget(self, method_ref: str) -> None:
        async with conversation():
            try:
                await self._client.delete(f"{TOKENS}/{quote(method_ref, safe='')}")
            except PayPalRefusal as refusal:
                if refusal.status != httpx.codes.NOT_FOUND:
                    raise

    async def _exchange(self, setup: SetupToken) -> VaultedMethod:
        exchange = {"payment_source": {"token": {"id": setup.id, "type": "SETUP_TOKEN"}}}
        try:
            made = await self._client.post(TOKENS, exchange, f"{setup.id}:keep")
        except PayPalRefusal as refusal:
            if refusal.status not in {httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}:
                raise
            # Exchanged so long ago that its key is forgotten: what came of it is among the payer's tokens.
            token = await self._newest(setup.customer.id)
            if token is None:
                raise ProviderRefused(NOT_STORED) from refusal
            return _vaulted(token)
        return _vaulted(msgspec.json.decode(made, type=PaymentToken))

    async def _newest(self, customer_id: str | None) -> PaymentToken | None:
        newest = None
        for page in range(1, PAGES + 1):
            query = {"customer_id": customer_id or "", "page": str(page), "page_size": "20"}
            listed = msgspec.json.decode(await self._client.get(TOKENS, query), type=TokenPage)
            newest = listed.payment_tokens[-1] if listed.payment_tokens else newest
            if not any(link.rel == "next" for link in listed.links):
                break
        return newest


def _wanted(owner: MethodOwner, return_url: str) -> dict[str, Any]:
    customer = {"merchant_customer_id": str(owner.account_id)}
    if owner.customer_ref is not None:
        customer["id"] = owner.customer_ref
    context = {
        "brand_name": settings().name[:127],
        "shipping_preference": "NO_SHIPPING",
        "return_url": return_url,
        "cancel_url": return_url,
    }
    wallet = {"usage_type": "MERCHANT", "customer_type": "CONSUMER", "experience_context": context}
    return {"customer": customer, "payment_source": {"paypal": wallet}}


def _vaulted(token: PaymentToken) -> VaultedMethod:
    shown = method_shown(token.payment_source.paypal)
    if shown is None:
        raise ProviderAway(f"PayPal tells nothing of the account behind {token.id}")
    return VaultedMethod(token.id, token.customer.id, shown)


def _check_owner(owner: MethodOwner, customer: Customer) -> None:
    """Raises ProviderRefused for what is kept for somebody else."""
    if customer.merchant_customer_id is not None:
        kept_for_owner = customer.merchant_customer_id == str(owner.account_id)
    else:
        kept_for_owner = owner.customer_ref is not None and customer.id == owner.customer_ref
    if not kept_for_owner:
        raise ProviderRefused(NOT_STORED)
