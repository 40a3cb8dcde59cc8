"""Means of payment that a customer keeps for the next time. The provider holds them; the shop knows its names for them and
what their owner recognises them by, never a card's number."""

from uuid import UUID

import structlog

from shop.contracts.identity import AccountId, Accounts
from shop.contracts.payment_providers import (
    MethodOwner,
    MethodVault,
    PaymentProvider,
    ProviderAway,
    ProviderNews,
    ProviderRefused,
    StoredMethodDropped,
    VaultedMethod,
)
from shop.contracts.payments import PaymentMethodsChanged, StoredMethod, UnknownProvider
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import Unavailable
from shop.kernel.ports import port, ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.errors import MethodNotFound, SetupNotFound
from shop.modules.payments.repository import stored_methods
from shop.modules.payments.schemas import Setup

log = structlog.get_logger(__name__)


def vaults() -> list[str]:
    """The providers, set up here, that keep methods."""
    keeping = ports(MethodVault)
    return [name for name, provider in ports(PaymentProvider).items() if name in keeping and provider.offer()]


async def list_methods(uow: UnitOfWork, account_id: UUID) -> list[StoredMethod]:
    """The default one first."""
    return [method.shown() for method in await stored_methods.list_of(uow, account_id)]


async def begin_setup(account_id: UUID, provider: str, setup_id: UUID) -> Setup:
    """Raises UnknownProvider, Unavailable. The same `setup_id` again goes on with the same setup."""
    if provider not in vaults():
        raise UnknownProvider(provider)
    await write(stored_methods.open_setup, setup_id, account_id, provider)
    owner = await read(_owner, account_id, provider)
    return_url = f"{settings().public_url}/account/payment-methods/{setup_id}/return"
    try:
        begun = await ports(MethodVault)[provider].begin(owner, setup_id, return_url)
    except (ProviderAway, ProviderRefused) as away:
        log.warning("method_setup_failed", provider=provider, reason=str(away)[:200])
        raise Unavailable("The payment provider can't be reached at the moment; please try again shortly") from away

    async def keep(uow: UnitOfWork) -> None:
        if begun.customer_ref is not None:
            gone = owner.customer_ref
            await stored_methods.keep_customer_ref(uow, account_id, provider, begun.customer_ref, gone)
        await stored_methods.tell_setup(uow, setup_id, begun.provider_ref, begun.client_secret, begun.redirect_url)

    await write(keep)
    return await read(get_setup, setup_id, account_id)


async def get_setup(uow: UnitOfWork, setup_id: UUID, account_id: UUID) -> Setup:
    """Raises SetupNotFound, also for another's."""
    found = await stored_methods.find_setup(uow, setup_id, account_id)
    if found is None:
        raise SetupNotFound
    return found


async def finish_setup(setup: Setup) -> bool:
    """Whether the method is stored by now. Raises ProviderAway."""
    vault = ports(MethodVault).get(setup.provider)
    if vault is None or setup.provider_ref is None:
        return False
    if setup.finished_at is not None:
        return setup.failure is None
    owner = await read(_owner, setup.account_id, setup.provider)
    try:
        vaulted = await vault.finish(owner, setup.provider_ref)
    except ProviderRefused as refusal:
        await write(stored_methods.finish_setup, setup.id, str(refusal)[:300])
        return False
    if vaulted is None:
        return False
    await write(_keep, setup, vaulted)
    return True


async def _keep(uow: UnitOfWork, setup: Setup, vaulted: VaultedMethod) -> None:
    if await stored_methods.finish_setup(uow, setup.id, None):
        await keep_method(uow, setup.account_id, setup.provider, vaulted, None)


async def keep_method(
    uow: UnitOfWork, account_id: UUID, provider: str, vaulted: VaultedMethod, told: str | None
) -> None:
    """Its owner is told, once. `told`: the customer that the provider was asked to store it for, if any."""
    if await stored_methods.keep(uow, account_id, provider, vaulted, told):
        uow.emit(PaymentMethodsChanged(account_id=account_id, change="added"))


async def keep_later(
    uow: UnitOfWork, account_id: UUID | None, provider: str, vaulted: VaultedMethod, told: str | None
) -> None:
    """The same when the payment was through before its provider stored it; not what its owner has removed since."""
    if account_id is not None and not await stored_methods.was_kept(uow, account_id, provider, vaulted.provider_ref):
        await keep_method(uow, account_id, provider, vaulted, told)


async def look_into_setup(news: ProviderNews) -> bool:
    """Whether what the provider told was of a setup here. Raises ProviderAway."""
    if news.provider_ref is None:
        return False
    setup = await read(stored_methods.find_setup_by_ref, news.provider, news.provider_ref)
    if setup is None:
        return False
    await finish_setup(setup)
    return True


async def make_default(uow: UnitOfWork, account_id: UUID, method_id: UUID) -> None:
    """Raises MethodNotFound."""
    if not await stored_methods.make_default(uow, account_id, method_id):
        raise MethodNotFound


async def remove_method(uow: UnitOfWork, account_id: UUID, method_id: UUID) -> None:
    """It can't pay from this moment on; its provider hears of it soon. Raises MethodNotFound."""
    removed = await stored_methods.remove(uow, account_id, method_id)
    if removed is None:
        raise MethodNotFound
    await stored_methods.appoint_default(uow, account_id)
    uow.emit(PaymentMethodsChanged(account_id=account_id, change="removed"))
    uow.emit(StoredMethodDropped(provider=removed.provider, method_ref=removed.provider_ref))


async def drop_methods(uow: UnitOfWork, account_id: UUID) -> None:
    """All that an account has, without a word to it: it is being erased."""
    for provider, method_ref in await stored_methods.delete_all(uow, account_id):
        uow.emit(StoredMethodDropped(provider=provider, method_ref=method_ref))


async def forget_method(provider: str, method_ref: str) -> None:
    """At its provider, unless somebody keeps it again by now. Raises ProviderAway, ProviderRefused."""
    vault = ports(MethodVault).get(provider)
    if vault is not None and not await read(stored_methods.is_kept, provider, method_ref):
        await vault.forget(method_ref)


async def _owner(uow: UnitOfWork, account_id: UUID, provider: str) -> MethodOwner:
    accounts = await port(Accounts).find_accounts(uow, [AccountId(account_id)])
    account = accounts.get(AccountId(account_id))
    customer_ref = await stored_methods.find_customer_ref(uow, account_id, provider)
    return MethodOwner(account_id, account.email if account else "", customer_ref)
