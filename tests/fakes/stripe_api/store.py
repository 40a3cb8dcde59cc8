"""The gateway's books: one SQLite file that outlives kill -9, so that a test can hold them against the shop's own records.

All that a request does, its answer and the stored idempotency key are one transaction.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists object (
    number integer primary key, id text not null unique, kind text not null, born real not null, body text not null);
create index if not exists object_kind on object (kind, number);
create index if not exists object_intent on object (kind, json_extract(body, '$.payment_intent'));
create index if not exists object_charge on object (kind, json_extract(body, '$.charge'));
create index if not exists object_customer on object (kind, json_extract(body, '$.customer'));
create index if not exists object_payment on object (kind, json_extract(body, '$.metadata.payment_id'));
create table if not exists request (
    n integer primary key, at real not null, request_id text not null, method text not null, path text not null,
    params text not null, idempotency_key text, by text not null, status integer not null, answer text not null,
    replayed integer not null, fault text);
create index if not exists request_key on request (idempotency_key);
create table if not exists idempotency (
    key text primary key, method text not null, path text not null, params text not null, status integer not null,
    answer text not null, request_id text not null);
create table if not exists delivery (
    n integer primary key, event text not null, endpoint text not null, due real not null, early integer not null,
    forged integer not null, dropped integer not null, attempts integer not null default 0, done_at real, last text);
create index if not exists delivery_due on delivery (due) where done_at is null and not dropped;
create table if not exists later (n integer primary key, due real not null, action text not null, id text not null);
create table if not exists setting (name text primary key, value text not null);
"""
EMPTIED = ("object", "request", "idempotency", "delivery", "later", "setting")


class Store:
    """Used by one thread; every statement outside `transaction` is its own."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(TABLES)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    @contextmanager
    def undoable(self) -> Iterator[None]:
        """A part of a transaction that is undone when it raises."""
        self._db.execute("savepoint part")
        try:
            yield
        except BaseException:
            self._db.execute("rollback to part")
            raise
        finally:
            self._db.execute("release part")

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(statement, values).fetchall()

    def run(self, statement: str, *values: Any) -> int:
        """The number of the row inserted, or of rows changed."""
        cursor = self._db.execute(statement, values)
        return cursor.lastrowid or 0 if statement.startswith("insert") else cursor.rowcount

    def empty(self) -> None:
        with self.transaction():
            for table in EMPTIED:
                self._db.execute(f"delete from {table}")

    def find(self, id_: str) -> dict[str, Any] | None:
        found = self.rows("select body from object where id = ?", id_)
        return json.loads(found[0]["body"]) if found else None

    def put(self, thing: dict[str, Any]) -> None:
        """New, or in the place of what bears this id."""
        self.run(
            "insert into object (id, kind, born, body) values (?, ?, ?, ?)"
            " on conflict (id) do update set body = excluded.body",
            thing["id"],
            thing["object"],
            time.time(),
            json.dumps(thing),
        )

    def remove(self, id_: str) -> None:
        self.run("delete from object where id = ?", id_)

    def having(self, kind: str, **facts: Any) -> list[dict[str, Any]]:
        """All of a kind whose fields have these values, newest first. Fields are our own words, never a request's."""
        where = "".join(f" and json_extract(body, '$.{name}') = ?" for name in facts)
        found = self.rows(f"select body from object where kind = ?{where} order by number desc", kind, *facts.values())
        return [json.loads(row["body"]) for row in found]

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.rows("select value from setting where name = ?", name)
        return json.loads(found[0]["value"]) if found else default

    def set(self, name: str, value: Any) -> None:
        self.run(
            "insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            name,
            json.dumps(value),
        )
