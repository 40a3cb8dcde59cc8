"""The official client, as all that talks to Stripe shares it: one set of connections per event loop, made of the settings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx
import msgspec
import stripe
import structlog

from shop.contracts.payment_providers import ProviderAway
from shop.kernel.config import settings
from shop.kernel.db import refuse_open_transaction

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 10
"""Of one request; a call makes at most three, each tried twice, within the lease of a check; two more where a customer was
deleted at Stripe, which is told at once."""
WHILE_ANOTHER_ASKS: Final = (0.5, 1.0)
"""Seconds to wait for whoever makes the same customer at this moment."""
PAGE: Final = 100


class Connections(stripe.HTTPXClient):
    """The client hands its encoded body to httpx in a way that httpx has deprecated."""

    def _get_request_args_kwargs(self, method: Any, url: Any, headers: Any, post_data: Any) -> Any:
        args, options = super()._get_request_args_kwargs(method, url, headers, None)
        del options["data"]
        return args, {**options, "content": post_data or None}


class StripeClients:
    """One client per event loop, whose connections it holds; a new one when the settings changed."""

    def __init__(self) -> None:
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[tuple[str, str], stripe.StripeClient]] = (
            WeakKeyDictionary()
        )

    def api(self) -> stripe.V1Services:
        """Raises ProviderAway when no key is set."""
        loop = asyncio.get_running_loop()
        facts = (settings().stripe_secret_key, settings().stripe_api_base.rstrip("/"))
        known = self._clients.get(loop)
        if known is None or known[0] != facts:
            if not facts[0]:
                raise ProviderAway("SHOP_STRIPE_SECRET_KEY is not set any more")
            client = stripe.StripeClient(
                facts[0],
                base_addresses={"api": facts[1]} if facts[1] else None,
                http_client=Connections(timeout=httpx.Timeout(TIMEOUT_SECONDS)),
                max_network_retries=1,
            )
            known = self._clients[loop] = (facts, client)
        return known[1].v1

    async def customer_of(self, account_id: UUID, instead_of: str | None = None) -> str:
        """Stripe's name of an account, made once a day at most: whoever asks keeps it. Once more for each that was deleted in
        Stripe's dashboard. Stripe learns the account's id and nothing else of it."""
        key = f"{account_id}:customer" + (f":{instead_of}" if instead_of else "")
        for wait in WHILE_ANOTHER_ASKS:
            try:
                return await self._make_customer(account_id, key)
            except stripe.IdempotencyError as error:
                if error.code != "idempotency_key_in_use":
                    raise
                await asyncio.sleep(wait)
        return await self._make_customer(account_id, key)

    async def _make_customer(self, account_id: UUID, key: str) -> str:
        customer = await self.api().customers.create_async(
            {"metadata": {"account_id": str(account_id)}}, {"idempotency_key": key}
        )
        return customer.id

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        _, client = self._clients.pop(asyncio.get_running_loop(), (None, None))
        if client is not None:
            await client._requestor._get_http_client().close_async()  # type: ignore[no-untyped-call]  # noqa: SLF001  # no public way


@contextmanager
def conversation() -> Iterator[None]:
    """Whatever leaves open what became of the money is ProviderAway."""
    refuse_open_transaction("talking to Stripe")
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe_refuses_our_key", reason=str(error)[:300])  # noqa: TRY400  # the trace says nothing more
        raise ProviderAway("Stripe refuses our key") from error
    except (stripe.StripeError, msgspec.ValidationError) as error:
        raise ProviderAway(f"Stripe: {error!r}"[:300]) from error


def is_customer_gone(error: stripe.InvalidRequestError) -> bool:
    """Deleted in Stripe's dashboard, with all that was stored for it."""
    return error.code == "resource_missing" and error.param == "customer"


async def all_pages(listed: "stripe.ListObject[Any]") -> AsyncIterator[dict[str, Any]]:
    """Plain objects, one after the other; a page is fetched when its turn comes."""
    async for each in listed.auto_paging_iter():
        yield plain(each)


def plain(resource: stripe.StripeObject) -> dict[str, Any]:
    return resource.to_dict()
