"""`python -m bench.postings WALLETS AT_ONCE`: posts to wallets through the contract, in a process beside the shop.

Fills so many wallets and says "ready". A line "1000 2.0" has it post to so many of them for so long: it answers with postings
a second. A line "check" has it hold the books against themselves.
"""

import asyncio
import random
import sys
import time
from collections.abc import Sequence
from uuid import UUID

from shop.contracts.wallet import Posting, TransactionId, Wallets
from shop.kernel.db import dispose_engines, snapshot, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.redis_client import close_clients
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository.accounts import open_accounts
from shop.modules.wallet.rules import customer_account
from shop.modules.wallet.service.check_books import check_books
from shop.relay import poke_after_commits
from shop.wiring import boot

FULL = Money(100_000_000, "EUR")
CENT = Money(1, "EUR")


def purchase(owner: UUID) -> Posting:
    return Posting(id=TransactionId(new_id()), operation="purchase", account_id=owner, amount=CENT, by="staff")


async def fill(uow: UnitOfWork, owners: Sequence[UUID]) -> None:
    await open_accounts(uow, {customer_account(owner, "EUR"): owner for owner in owners}, "EUR")
    for owner in owners:
        credit = Posting(id=TransactionId(new_id()), operation="deposit", account_id=owner, amount=FULL, by="staff")
        await port(Wallets).post(uow, credit)


async def post_for(seconds: float, owners: Sequence[UUID], at_once: int) -> float:
    started = time.perf_counter()
    posted = 0

    async def again_and_again() -> None:
        nonlocal posted
        while time.perf_counter() < started + seconds:
            await write(port(Wallets).post, purchase(random.choice(owners)))
            posted += 1

    await asyncio.gather(*(again_and_again() for _ in range(at_once)))
    return posted / (time.perf_counter() - started)


async def answer(question: str, owners: Sequence[UUID], at_once: int) -> str:
    if question == "check":
        books = await snapshot(check_books)
        return "balanced" if books.balanced else str(books.differences)
    wallets, seconds = question.split()
    return str(await post_for(float(seconds), owners[: int(wallets)], at_once))


async def main(wallets: int, at_once: int) -> None:
    boot()
    poke_after_commits()
    owners = [new_id() for _ in range(wallets)]
    await write(fill, owners)
    print("ready", flush=True)
    while question := (await asyncio.to_thread(sys.stdin.readline)).strip():
        print(await answer(question, owners, at_once), flush=True)
    await close_clients()
    await dispose_engines()


asyncio.run(main(*map(int, sys.argv[1:3])))
