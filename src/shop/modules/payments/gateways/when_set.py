"""A gateway with all its faces, opened at their first use: its client is large, and a shop without keys never needs it."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol
from uuid import UUID

from shop.contracts.payment_providers import (
    MethodOwner,
    MethodSetup,
    MethodVault,
    NotFromProvider,
    PaymentProvider,
    ProviderAnswer,
    ProviderDispute,
    ProviderIntent,
    ProviderNews,
    ProviderRecord,
    ProviderRecords,
    ProviderWebhooks,
    RefundAnswer,
    UnclearRecord,
    VaultedMethod,
)
from shop.contracts.payments import PaymentMethod, PaymentRequest
from shop.kernel.money import Money


class Client(Protocol):
    async def aclose(self) -> None: ...


class Faces(NamedTuple):
    client: Client
    provider: PaymentProvider
    vault: MethodVault
    records: ProviderRecords
    webhooks: ProviderWebhooks


class GatewayWhenSet(ABC):
    """`contracts.payment_providers.PaymentProvider`, `MethodVault`, `ProviderWebhooks` and `ProviderRecords`."""

    name: str

    @abstractmethod
    def _open(self) -> Faces:
        """Imports them."""

    @abstractmethod
    def _is_set(self) -> bool: ...

    @abstractmethod
    def _may_be_signed(self, headers: Mapping[str, str]) -> bool: ...

    @cached_property
    def _faces(self) -> Faces:
        return self._open()

    def offer(self) -> PaymentMethod | None:
        return self._faces.provider.offer() if self._is_set() else None

    def check(self, request: PaymentRequest) -> None:
        self._faces.provider.check(request)

    async def prepare(self, intent: ProviderIntent) -> str | None:
        return await self._faces.provider.prepare(intent)

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        return await self._faces.provider.charge(intent)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        return await self._faces.provider.look_up(intent)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        return await self._faces.provider.capture(intent, amount)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        return await self._faces.provider.cancel(intent)

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        return await self._faces.provider.refund(intent, amount, refund_id)

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        return await self._faces.provider.look_up_refund(intent, refund_id, provider_ref)

    async def begin(self, owner: MethodOwner, setup_id: UUID, return_url: str) -> MethodSetup:
        return await self._faces.vault.begin(owner, setup_id, return_url)

    async def finish(self, owner: MethodOwner, provider_ref: str) -> VaultedMethod | None:
        return await self._faces.vault.finish(owner, provider_ref)

    async def forget(self, method_ref: str) -> None:
        await self._faces.vault.forget(method_ref)

    def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord | UnclearRecord]:
        return self._faces.records.list_charges(since, until)

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None:
        return await self._faces.records.find_dispute(dispute_ref)

    async def read(self, body: bytes, headers: Mapping[str, str]) -> ProviderNews:
        """Forgeries without a signature are refused before anything is imported for them."""
        if not self._may_be_signed(headers):
            raise NotFromProvider("The signature is missing")
        return await self._faces.webhooks.read(body, headers)

    async def aclose(self) -> None:
        await self._faces.client.aclose()
