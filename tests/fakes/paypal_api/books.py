"""What the fake knows, in one SQLite file: things, stored answers, the gateway log and webhooks still to deliver.

A call's effect, its stored answer and its webhooks are one transaction, so that `kill -9` at any point leaves either all
of them or none, as with the provider that this stands for.
"""

import json
import random
import sqlite3
import string
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

SCHEMA: Final = """
create table if not exists thing (
    seq integer primary key, kind text not null, id text not null, parent text, tag text, body text not null,
    unique (kind, id)
);
create index if not exists thing_parent on thing (kind, parent);
create index if not exists thing_tag on thing (kind, tag);
create table if not exists answer (
    key text primary key, at real not null, fingerprint text not null, status integer not null, body text,
    again_kind text, again_id text
);
create table if not exists log (
    seq integer primary key, at real not null, method text not null, path text not null, request_id text,
    status integer not null, fault text
);
create table if not exists delivery (
    seq integer primary key, event_id text not null, due real not null, tries integer not null default 0,
    done text, headers text not null, body text not null
);
create index if not exists delivery_due on delivery (due) where done is null;
create table if not exists fact (name text primary key, value text not null);
"""
LETTERS: Final = string.ascii_uppercase + string.digits


class Books:
    """`offset` seconds are added to the clock, so that tests can let days pass."""

    def __init__(self, file: Path) -> None:
        self.offset = 0.0
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(SCHEMA)

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

    def now(self) -> float:
        return time.time() + self.offset

    def new_id(self) -> str:
        """17 characters, as PayPal's orders, captures and refunds have."""
        return "".join(random.SystemRandom().choices(LETTERS, k=17))

    def put(self, kind: str, body: dict[str, Any], parent: str | None = None, tag: str | None = None) -> None:
        """New or changed; `parent` and `tag` are what `children` and `tagged` find it by, and stay once given."""
        self._db.execute(
            "insert into thing (kind, id, parent, tag, body) values (?, ?, ?, ?, ?) on conflict (kind, id) do update"
            " set body = excluded.body, parent = coalesce(excluded.parent, parent), tag = coalesce(excluded.tag, tag)",
            (kind, body["id"], parent, tag, json.dumps(body)),
        )

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        row = self._db.execute("select body from thing where kind = ? and id = ?", (kind, name)).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, kind: str, name: str) -> bool:
        return self._db.execute("delete from thing where kind = ? and id = ?", (kind, name)).rowcount == 1

    def all(self, kind: str) -> list[dict[str, Any]]:
        return self._bodies("kind = ?", kind)

    def children(self, kind: str, parent: str) -> list[dict[str, Any]]:
        return self._bodies("kind = ? and parent = ?", kind, parent)

    def tagged(self, kind: str, tag: str) -> list[dict[str, Any]]:
        return self._bodies("kind = ? and tag = ?", kind, tag)

    def find_answer(self, key: str, age: float) -> sqlite3.Row | None:
        """fingerprint, status, body, again_kind, again_id; None when it is older than `age` seconds."""
        row: sqlite3.Row | None = self._db.execute(
            "select fingerprint, status, body, again_kind, again_id from answer where key = ? and at >= ?",
            (key, self.now() - age),
        ).fetchone()
        return row

    def store_answer(
        self, key: str, fingerprint: str, status: int, body: dict[str, Any] | None, again: tuple[str, str] | None
    ) -> None:
        kind, name = again or (None, None)
        self._db.execute(
            "insert or replace into answer values (?, ?, ?, ?, ?, ?, ?)",
            (key, self.now(), fingerprint, status, None if body is None else json.dumps(body), kind, name),
        )

    def write_log(self, method: str, path: str, request_id: str | None, status: int, fault: str | None) -> None:
        self._db.execute(
            "insert into log (at, method, path, request_id, status, fault) values (?, ?, ?, ?, ?, ?)",
            (time.time(), method, path, request_id, status, fault),
        )

    def read_log(self, after: int) -> list[dict[str, Any]]:
        rows = self._db.execute("select * from log where seq > ? order by seq limit 100000", (after,))
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def queue(self, event_id: str, due: float, headers: dict[str, str], body: bytes) -> int:
        """`due` by the real clock."""
        added = self._db.execute(
            "insert into delivery (event_id, due, headers, body) values (?, ?, ?, ?)",
            (event_id, due, json.dumps(headers), body.decode()),
        )
        assert added.lastrowid is not None
        return added.lastrowid

    def due_deliveries(self, at_most: int) -> list[tuple[int, str, int, dict[str, str], bytes]]:
        rows = self._db.execute(
            "select seq, event_id, tries, headers, body from delivery where done is null and due <= ?"
            " order by due, seq limit ?",
            (time.time(), at_most),
        ).fetchall()
        return [
            (seq, event_id, tries, json.loads(headers), body.encode()) for seq, event_id, tries, headers, body in rows
        ]

    def end_delivery(self, seq: int, done: str) -> None:
        self._db.execute("update delivery set done = ?, tries = tries + 1 where seq = ?", (done, seq))

    def try_delivery_later(self, seq: int, due: float) -> None:
        self._db.execute("update delivery set due = ?, tries = tries + 1 where seq = ?", (due, seq))

    def hurry_deliveries(self, event_id: str | None = None) -> None:
        """What waits, or one event, is due now."""
        self._db.execute(
            "update delivery set due = 0 where done is null and event_id = coalesce(?, event_id)", (event_id,)
        )

    def count_deliveries(self) -> dict[str, int]:
        rows = self._db.execute("select coalesce(done, 'waiting'), count(*) from delivery group by 1").fetchall()
        return dict(rows)

    def remember(self, name: str, value: str) -> None:
        self._db.execute("insert or replace into fact values (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        row = self._db.execute("select value from fact where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def forget(self, name: str) -> None:
        self._db.execute("delete from fact where name = ?", (name,))

    def forget_everything(self) -> None:
        """But who we are: certificates and the token key stay."""
        for table in ("thing", "answer", "log", "delivery"):
            self._db.execute(f"delete from {table}")

    def _bodies(self, condition: str, *values: str) -> list[dict[str, Any]]:
        rows = self._db.execute(f"select body from thing where {condition} order by seq", values)
        return [json.loads(body) for (body,) in rows]


def stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(stamped: str) -> float:
    return datetime.fromisoformat(stamped).timestamp()
