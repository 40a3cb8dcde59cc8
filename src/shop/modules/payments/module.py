"""The manifest of payments."""

from shop.contracts.identity import ErasureHindrance, PersonalData
from shop.contracts.payments import (
    PaymentCaptured,
    PaymentFailed,
    PaymentProvider,
    PaymentRefunded,
    Payments,
    ProviderEventReceived,
)
from shop.kernel.manifest import Manifest, Slot, durable_effect
from shop.modules.payments import api, handlers, jobs, models, pages, ports

MANIFEST = Manifest(
    name="payments",
    provides={Payments: ports.DatabasePayments()},
    provides_many={
        PaymentProvider: ports.PROVIDERS,
        PersonalData: {"payments": ports.PAYERS},
        ErasureHindrance: {"payments": ports.PAYERS},
    },
    requires_many=(PaymentProvider,),
    emits=(PaymentCaptured, PaymentFailed, PaymentRefunded, ProviderEventReceived),
    subscriptions=(durable_effect(ProviderEventReceived, handlers.when_provider_event_received_look_into_it),),
    routes=(*api.ROUTES, *pages.ROUTES),
    slots=(Slot("admin.order", pages.render_staff_notes),),
    jobs=jobs.JOBS,
    metadata=models.METADATA,
)
