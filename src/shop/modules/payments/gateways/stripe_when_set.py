"""Stripe as the shop's ports know it; its parts are imported at their first use."""

from collections.abc import Mapping

from shop.kernel.config import settings
from shop.modules.payments.gateways.when_set import Faces, GatewayWhenSet


class StripeWhenSet(GatewayWhenSet):
    name = "stripe"

    def _open(self) -> Faces:
        from shop.modules.payments.gateways.stripe import StripeProvider
        from shop.modules.payments.gateways.stripe_client import StripeClients
        from shop.modules.payments.gateways.stripe_methods import StripeVault
        from shop.modules.payments.gateways.stripe_records import StripeRecords
        from shop.modules.payments.gateways.stripe_webhook import StripeWebhooks

        clients = StripeClients()
        return Faces(clients, StripeProvider(clients), StripeVault(clients), StripeRecords(clients), StripeWebhooks())

    def _is_set(self) -> bool:
        return bool(settings().stripe_secret_key)

    def _may_be_signed(self, headers: Mapping[str, str]) -> bool:
        return bool(settings().stripe_webhook_secret) and "stripe-signature" in headers
