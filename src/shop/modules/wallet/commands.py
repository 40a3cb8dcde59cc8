"""`shop wallet`: the books from a terminal."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

import click
import msgspec

from shop.kernel.db import dispose_engines, snapshot, write
from shop.kernel.money import Money, format_money
from shop.modules.wallet.schemas import Books
from shop.modules.wallet.service.check_books import check_books, rebuild_balances

T = TypeVar("T")


@click.group()
def wallet() -> None:
    """Wallets and gift cards: do the books balance?"""


@wallet.command()
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
def check(as_json: bool) -> None:
    """Hold the ledger against itself and against what payments know; exit 1 where they differ."""
    books = _run(snapshot(check_books))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(books)))
    else:
        _print(books)
    raise SystemExit(0 if books.balanced else 1)


def _print(books: Books) -> None:
    for currency, each in books.currencies.items():
        owed = format_money(Money(each.owed, currency))
        click.echo(f"{currency}: {each.accounts} accounts, {each.entries} entries, {owed} owed to customers")
        for code, amount in books.system[currency].items():
            click.echo(f"  {code:<24}{format_money(Money(amount, currency)):>16}")
    for difference in books.differences:
        click.echo(
            f"WRONG {difference.account} ({difference.currency}): {difference.stored} instead of {difference.rebuilt}"
        )
    click.echo("the books balance" if books.balanced else "the books do NOT balance")


@wallet.command()
def rebuild() -> None:
    """Set stored balances to the sums of their entries. Wallets wait meanwhile; nothing else is changed."""
    click.echo(f"{_run(write(rebuild_balances))} balances set")


def _run(work: Coroutine[Any, Any, T]) -> T:
    async def once() -> T:
        try:
            return await work
        finally:
            await dispose_engines()

    return asyncio.run(once())
