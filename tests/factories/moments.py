"""The whole database as it was at one moment, brought back in a hundredth of the time that making its things again takes."""

import asyncio
from typing import Any

import psycopg
from psycopg import sql


class Moment:
    """Every row of every table, as the owner of the tables reads them."""

    def __init__(self, owner: psycopg.Connection[Any], tables: list[str], emptying: str) -> None:
        self._owner, self._emptying = owner, emptying
        self._rows = {table: rows for table in tables if (rows := self._read(table))}

    def _read(self, table: str) -> bytes:
        """Nothing when the table is empty."""
        with self._owner.cursor().copy(_copy("copy {} to stdout", table)) as copy:
            return b"".join(bytes(part) for part in copy)

    async def bring_back(self) -> None:
        """In a thread, for it waits for transactions that this process may still have to end."""
        await asyncio.to_thread(self._write)

    def _write(self) -> None:
        with self._owner.transaction():
            self._owner.execute(self._emptying)  # type: ignore[call-overload]  # the tests' own words
            for table, rows in self._rows.items():
                with self._owner.cursor().copy(_copy("copy {} from stdin", table)) as copy:
                    copy.write(rows)


def _copy(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(*table.split(".")))  # type: ignore[arg-type]
