"""How the repositories of identity run one statement and take its rows."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import sqlalchemy

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

text: Final = lru_cache(maxsize=512)(sqlalchemy.text)
"""To parse a session's statement took a quarter of the time that loading one took."""


async def all_rows(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> Sequence[Any]:
    return (await sql(uow).execute(text(statement), dict(values))).all()


async def first_row(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> Any:
    """None without any."""
    return (await sql(uow).execute(text(statement), dict(values))).first()


async def run(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> int:
    """How many rows an INSERT, UPDATE or DELETE met."""
    return (await sql(uow).execute(text(statement), dict(values))).rowcount


async def met_one(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> bool:
    return await run(uow, statement, values) == 1
