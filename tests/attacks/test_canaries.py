"""After a whole life in a running shop nothing personal and nothing secret stands in a log of any process, in an outbox row, in
what passed through Valkey, in the metrics, in the audit log or in an address that somebody was led to."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import redis

from shop.kernel.embedded import discover
from tests.attacks.life import Life
from tests.bad_input.extent import part
from tests.e2e.running_shop import Shop, open_shop

WATCH_OUTBOX = """
create table public.outbox_seen (row text);
create function public.note_outbox() returns trigger language plpgsql security definer as
  $$ begin insert into public.outbox_seen values (new::text); return new; end $$;
create trigger note_outbox after insert or update on kernel.outbox for each row execute function public.note_outbox();
"""
SETTLED_SECONDS = 30
NOT_SECRET_THERE = ("network address", "name", "street", "city", "phone", "address ")
"""What is personal but no secret: where staff look for somebody the address says so."""


class Broker:
    """Every command that Valkey is sent while this listens."""

    def __init__(self, url: str) -> None:
        self.commands: list[str] = []
        self._client = redis.Redis.from_url(url)
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._listening.wait(10)

    def _listen(self) -> None:
        with self._client.monitor() as monitor:
            self._listening.set()
            try:
                for heard in monitor.listen():
                    self.commands.append(heard["command"])
                    if "THAT-WAS-ALL" in heard["command"]:
                        return
            except (redis.ConnectionError, ValueError):
                return

    def stop(self) -> None:
        with redis.Redis.from_url(self._client.connection_pool.connection_kwargs["path"].join(("unix://", ""))) as last:
            last.echo("THAT-WAS-ALL")
        self._thread.join(10)


def spellings(value: str) -> Iterator[str]:
    yield value
    yield quote(value, safe="")
    yield base64.b64encode(value.encode()).decode().rstrip("=")
    yield value.encode().hex()


def found_in(text: str, planted: dict[str, str]) -> list[str]:
    """What of it stands there, and where about."""
    hits = []
    for what, value in planted.items():
        for spelt in spellings(value):
            if (at := text.find(spelt)) >= 0:
                hits.append(f"{what}: …{text[max(0, at - 150) : at + len(spelt) + 50]}…")
                break
    return hits


@contextmanager
def watched(shop: Shop) -> Iterator[tuple[Broker, Any]]:
    urls = discover(Path(shop.settings["SHOP_DATA_DIR"]))
    assert urls is not None
    with psycopg.connect(urls.database_owner_url or urls.database_url, autocommit=True) as owner:
        owner.execute(WATCH_OUTBOX)  # type: ignore[arg-type]  # our own words
        broker = Broker(urls.redis_url)
        yield broker, owner


def settle(owner: Any) -> None:
    """Until nothing waits in the outbox."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while owner.execute("select count(*) from kernel.outbox where state <> 'dead'").fetchone()[0]:
        assert time.monotonic() < deadline, owner.execute("select event, last_error from kernel.outbox").fetchall()
        time.sleep(0.2)


@pytest.mark.parametrize("log_format", part(("json", "console"), 2, "canaries"))
def test_nothing_of_a_whole_life_is_told_on(tmp_path: Path, log_format: str) -> None:
    settings = {
        "SHOP_LOG_FORMAT": log_format,
        "SHOP_LOG_LEVEL": "debug",
        "SHOP_RATE_LIMITS": "on",
        "SHOP_TRUSTED_PROXIES": "127.0.0.1,::1",
    }
    with open_shop(tmp_path / "meet", **settings) as shop, watched(shop) as (broker, owner):
        life = Life(shop)
        life.live()
        settle(owner)
        metrics = shop.guest.get("/metrics").text
        time.sleep(0.5)  # the access log is written five times a second
        broker.stop()
        data = Path(shop.settings["SHOP_DATA_DIR"])
        logs = "\n".join(
            path.read_text(errors="replace") for path in (data.parent / "shop.log", *sorted((data / "log").glob("*")))
        )
        outbox = "\n".join(row[0] for row in owner.execute("select row from public.outbox_seen").fetchall())
        audit = "\n".join(row[0] for row in owner.execute("select t::text from backoffice.audit_entry t").fetchall())
        life.close()
    planted = life.planted
    assert len(planted) > 60
    assert "/api/v1/auth/signin" in logs, "these are no logs of the shop"
    assert outbox.count("\n") > 10
    assert len(broker.commands) > 200
    assert any("queue_name" in command for command in broker.commands), "nothing passed through the broker"
    assert found_in(logs, planted) == []
    assert found_in(outbox, planted) == []
    assert found_in("\n".join(broker.commands), planted) == []
    assert found_in(metrics, planted) == []
    assert found_in(audit, planted) == []
    secrets = {what: value for what, value in planted.items() if not what.startswith(NOT_SECRET_THERE)}
    assert found_in("\n".join(life.led_to), secrets) == []


def test_the_search_finds_what_it_looks_for() -> None:
    planted = {"password": "canary-Pass-1 sunflower"}
    for text in ("x canary-Pass-1 sunflower y", "a=canary-Pass-1%20sunflower", "Y2FuYXJ5LVBhc3MtMSBzdW5mbG93ZXI="):
        assert found_in(text, planted), text
    assert found_in("canary", planted) == []
