"""What payments do when facts are told. Both are effects: they talk to the provider."""

from shop.contracts.payment_providers import StoredMethodDropped
from shop.contracts.payments import ProviderEventReceived
from shop.modules.payments.service.receive_event import look_into_event
from shop.modules.payments.service.stored_methods import forget_method


async def when_provider_event_received_look_into_it(event: ProviderEventReceived) -> None:
    await look_into_event(event.provider, event.event_id)


async def when_stored_method_dropped_let_its_provider_forget_it(event: StoredMethodDropped) -> None:
    await forget_method(event.provider, event.method_ref)
