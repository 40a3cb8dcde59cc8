"""What a provider is told of an intent, and which provider that is."""

from shop.contracts.payment_providers import PaymentProvider, ProviderAway, ProviderIntent
from shop.kernel.config import settings
from shop.kernel.ports import ports
from shop.modules.payments.schemas import Intent


def provider_of(intent: Intent) -> PaymentProvider:
    """Raises ProviderAway when the module that brought it is gone: its charges may exist all the same."""
    return provider_named(intent.provider)


def provider_named(name: str) -> PaymentProvider:
    """Raises ProviderAway."""
    provider = ports(PaymentProvider).get(name)
    if provider is None:
        raise ProviderAway(f"no module of this shop provides {name!r} any more")
    return provider


def told(intent: Intent, provider_ref: str | None = None) -> ProviderIntent:
    return ProviderIntent(
        payment_id=intent.id,
        order_id=intent.order_id,
        deposit_id=intent.deposit_id,
        account_id=intent.account_id,
        amount=intent.money,
        token=intent.token,
        method_id=intent.method_id,
        customer_ref=intent.customer_ref,
        save=intent.save_method,
        manual_capture=intent.manual_capture,
        capture_ref=intent.capture_ref,
        holds_until=intent.holds_until,
        return_url=f"{settings().public_url}/payments/{intent.id}/return",
        provider_ref=intent.provider_ref or provider_ref,
    )
