"""What a provider is told of an intent, and which provider that is."""

from shop.contracts.payments import PaymentProvider, ProviderAway, ProviderIntent
from shop.kernel.config import settings
from shop.kernel.ports import ports
from shop.modules.payments.schemas import Intent


def provider_of(intent: Intent) -> PaymentProvider:
    """Raises ProviderAway when the module that brought it is gone: its charges may exist all the same."""
    provider = ports(PaymentProvider).get(intent.provider)
    if provider is None:
        raise ProviderAway(f"no module of this shop provides {intent.provider!r} any more")
    return provider


def told(intent: Intent, provider_ref: str | None = None) -> ProviderIntent:
    return ProviderIntent(
        payment_id=intent.id,
        order_id=intent.order_id,
        amount=intent.money,
        token=intent.token,
        method_id=intent.method_id,
        return_url=f"{settings().public_url}/payments/{intent.id}/return",
        provider_ref=intent.provider_ref or provider_ref,
    )
