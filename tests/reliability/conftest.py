"""A running shop for these tests, one in each process that runs them, and how much of them is run.

`make test` cuts the counts tenfold and, while parts of the shop are killed, moves the clock where a lease would be waited
for; `SHOP_RELIABILITY=full`, which `make reliability` sets, does neither. Both pass over the minutes in which nothing is left
but to wait for the next look at a payment, an event or a key whose holder died.
"""

import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.reliability.clients import Staff, new_client
from tests.reliability.harness import Shop, open_shop


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether the whole counts are run."""
    return os.environ.get("SHOP_RELIABILITY") == "full"


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(shop) as made:
        yield made


@pytest.fixture
async def staff(shop: Shop) -> AsyncIterator[Staff]:
    async with new_client(shop) as made:
        member = Staff(made)
        await member.sign_in()
        yield member
