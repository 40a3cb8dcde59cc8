"""Cards and other means of payment that Stripe keeps for an account: a Customer, filled through SetupIntents.

What is kept may only be used while its owner is there (`on_session`); the shop charges nobody who is away.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
import stripe

from shop.contracts.payment_providers import MethodOwner, MethodSetup, ProviderRefused, VaultedMethod
from shop.modules.payments.gateways.stripe_answers import vaulted_method
from shop.modules.payments.gateways.stripe_client import StripeClients, conversation, is_customer_gone, plain

NOT_STORED: Final = "This card could not be stored. Please try again, or take another one."


class StripeSetup(msgspec.Struct):
    """The part of a SetupIntent that we read."""

    id: str
    status: str
    customer: str | None = None
    payment_method: dict[str, Any] | None = None
    metadata: dict[str, str] = {}


class StripeVault:
    """`contracts.payment_providers.MethodVault` over the official client."""

    def __init__(self, clients: StripeClients) -> None:
        self._clients = clients

    async def begin(self, owner: MethodOwner, setup_id: UUID, return_url: str) -> MethodSetup:  # the page tells Stripe
        with conversation():
            customer = owner.customer_ref or await self._clients.customer_of(owner.account_id)
            try:
                setup = await self._create(owner, setup_id, customer)
            except stripe.InvalidRequestError as error:
                if not is_customer_gone(error):
                    raise
                customer = await self._clients.customer_of(owner.account_id, instead_of=customer)
                setup = await self._create(owner, setup_id, customer)
            return MethodSetup(setup.id, customer, setup.client_secret)

    async def _create(self, owner: MethodOwner, setup_id: UUID, customer: str) -> stripe.SetupIntent:
        return await self._clients.api().setup_intents.create_async(
            {
                "customer": customer,
                "usage": "on_session",
                "automatic_payment_methods": {"enabled": True},
                "metadata": {"setup_id": str(setup_id), "account_id": str(owner.account_id)},
            },
            {"idempotency_key": f"{setup_id}:{customer}"},
        )

    async def finish(self, owner: MethodOwner, provider_ref: str) -> VaultedMethod | None:
        with conversation():
            setup = await self._get(owner, provider_ref)
            if setup.status == "canceled":
                raise ProviderRefused(NOT_STORED)
            if setup.status != "succeeded" or setup.payment_method is None:
                return None
            return vaulted_method(setup.payment_method, setup.customer)

    async def forget(self, method_ref: str) -> None:
        with conversation():
            methods = self._clients.api().payment_methods
            try:
                await methods.detach_async(method_ref)
            except stripe.InvalidRequestError:
                # Detached before, or never known: then nobody's. Anything else is no answer.
                if await self._is_kept(method_ref):
                    raise

    async def _get(self, owner: MethodOwner, ref: str) -> StripeSetup:
        """Raises ProviderRefused for what is not this owner's."""
        try:
            found = await self._clients.api().setup_intents.retrieve_async(ref, {"expand": ["payment_method"]})
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise ProviderRefused(NOT_STORED) from error
            raise
        setup = msgspec.convert(plain(found), StripeSetup)
        if setup.metadata.get("account_id") != str(owner.account_id):
            raise ProviderRefused(NOT_STORED)
        return setup

    async def _is_kept(self, method_ref: str) -> bool:
        try:
            found = await self._clients.api().payment_methods.retrieve_async(method_ref)
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                return False
            raise
        return found.customer is not None
