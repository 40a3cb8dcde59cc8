"""The manifest of payments."""

from shop.contracts.identity import Accounts, ErasureHindrance, PersonalData
from shop.contracts.payments import (
    DepositCaptured,
    DepositFailed,
    DepositRefunded,
    MethodVault,
    PaymentCaptured,
    PaymentDisputed,
    PaymentFailed,
    PaymentHeld,
    PaymentProvider,
    PaymentRefunded,
    Payments,
    ProviderEventReceived,
    ProviderRecords,
    ProviderWebhooks,
    RefundDestination,
    RefundFailed,
    StoredValue,
)
from shop.kernel.manifest import Manifest, Slot, durable_effect
from shop.modules.payments import api, commands, handlers, jobs, models, pages, ports, reconcile_jobs

MANIFEST = Manifest(
    name="payments",
    provides={Payments: ports.DatabasePayments()},
    provides_many={
        PaymentProvider: ports.PROVIDERS,
        MethodVault: ports.VAULTS,
        ProviderWebhooks: ports.WEBHOOKS,
        ProviderRecords: ports.RECORDS,
        PersonalData: {"payments": ports.PAYERS},
        ErasureHindrance: {"payments": ports.PAYERS},
    },
    requires=(Accounts,),
    requires_many=(PaymentProvider, MethodVault, ProviderWebhooks, ProviderRecords, StoredValue, RefundDestination),
    emits=(
        PaymentCaptured,
        PaymentFailed,
        PaymentHeld,
        PaymentRefunded,
        PaymentDisputed,
        RefundFailed,
        DepositCaptured,
        DepositFailed,
        DepositRefunded,
        ProviderEventReceived,
    ),
    subscriptions=(durable_effect(ProviderEventReceived, handlers.when_provider_event_received_look_into_it),),
    routes=(*api.ROUTES, *pages.ROUTES),
    slots=(Slot("admin.order", pages.render_staff_notes),),
    jobs=(*jobs.JOBS, *reconcile_jobs.JOBS),
    commands=(commands.payments,),
    metadata=models.METADATA,
)
