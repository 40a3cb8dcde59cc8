"""Customers with accounts and wallets, who sign in and place orders; how they signed up is of no concern here."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg

from tests.factories.identity import PASSWORD, hash_of
from tests.reliability.clients import Buyer, Json, Wanted, new_client
from tests.reliability.harness import Shop


class Customer:
    """Checks out as who they are; a long run outlives their access token."""

    def __init__(self, account_id: str, client: httpx.AsyncClient) -> None:
        self.account_id, self._client = account_id, client
        self._buyer = Buyer(client, renew=self.sign_in)

    async def sign_in(self) -> None:
        body = {"email": address_of(self.account_id), "password": PASSWORD}
        tokens = await Buyer(self._client).call("POST", "/api/v1/auth/signin", body)
        self._client.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    async def check_out(self, wanted: Wanted, **changes: Any) -> Json:
        return await self._buyer.check_out(msgspec.structs.replace(wanted, body=wanted.body | changes))

    async def close(self) -> None:
        await self._client.aclose()


def address_of(account_id: str) -> str:
    return f"{account_id}@example.com"


async def make_customers(shop: Shop, count: int) -> Mapping[str, Customer]:
    """By the ids of their accounts; nothing is in their wallets, and nobody has signed in."""
    ids = [uuid4() for _ in range(count)]
    with shop.database() as connection:
        for each in ids:
            _insert(connection, each)
    return {str(each): Customer(str(each), new_client(shop)) for each in ids}


def _insert(connection: psycopg.Connection[Any], account_id: UUID) -> None:
    address = address_of(str(account_id))
    connection.execute(
        "insert into identity.account (id, email, email_key, name, password_hash, verified_at, created_at)"
        " values (%s, %s, %s, 'Ada Lovelace', %s, now(), now())",
        (account_id, address, address, hash_of()),
    )
