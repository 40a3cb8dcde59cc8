"""PayPal as the shop's ports know it; its parts are imported at their first use."""

from collections.abc import Mapping

from shop.kernel.config import settings
from shop.modules.payments.gateways.when_set import Faces, GatewayWhenSet


class PayPalWhenSet(GatewayWhenSet):
    name = "paypal"

    def _open(self) -> Faces:
        from shop.modules.payments.gateways.paypal import PayPalProvider
        from shop.modules.payments.gateways.paypal_certificates import PayPalCertificates
        from shop.modules.payments.gateways.paypal_client import PayPalClient
        from shop.modules.payments.gateways.paypal_records import PayPalRecords
        from shop.modules.payments.gateways.paypal_vault import PayPalVault
        from shop.modules.payments.gateways.paypal_webhook import PayPalWebhooks

        client = PayPalClient()
        webhooks = PayPalWebhooks(PayPalCertificates(client))
        return Faces(client, PayPalProvider(client), PayPalVault(client), PayPalRecords(client), webhooks)

    def _is_set(self) -> bool:
        return bool(settings().paypal_client_id)

    def _may_be_signed(self, headers: Mapping[str, str]) -> bool:
        return bool(settings().paypal_webhook_id) and "paypal-transmission-sig" in headers
