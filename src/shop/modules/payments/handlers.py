"""What payments do when facts are told."""

from shop.contracts.payments import ProviderEventReceived
from shop.modules.payments.service.receive_event import look_into_event


async def when_provider_event_received_look_into_it(event: ProviderEventReceived) -> None:
    """An effect: it talks to the provider."""
    await look_into_event(event.provider, event.event_id)
