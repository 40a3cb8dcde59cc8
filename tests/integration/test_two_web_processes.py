"""Two web processes that share a database and Valkey: what they count together is exact to one, whoever says what about
where it comes from."""

import asyncio
import contextlib
import math
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from shop.kernel.embedded.processes import wait_until
from shop.kernel.http.failures import FREE_FAILURES

SIGN_IN = "/api/v1/auth/signin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def web_processes(**settings: str) -> Iterator[list[str]]:
    """The addresses of two; what they print is let go."""
    ports = [free_port(), free_port()]
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-m", "shop.cli", "web"],
            env={**os.environ, "SHOP_PORT": str(port), "SHOP_WEB_WORKERS": "1", "SHOP_RATE_LIMITS": "on", **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in ports
    ]
    urls = [f"http://localhost:{port}" for port in ports]
    try:
        assert wait_until(lambda: all(_lives(url) for url in urls), seconds=180)
        yield urls
    finally:
        for each in processes:
            each.terminate()
        for each in processes:
            each.wait(20)


def _lives(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
    return False


@pytest.fixture(scope="module")
def alone(environment: None) -> Iterator[list[str]]:
    with web_processes() as urls:
        yield urls


@pytest.fixture(scope="module")
def behind_a_proxy(environment: None) -> Iterator[list[str]]:
    with web_processes(SHOP_TRUSTED_PROXIES="127.0.0.0/8, ::1") as urls:
        yield urls


async def rush(urls: list[str], requests: list[tuple[str, str]]) -> tuple[Counter[int], int]:
    """Signs in as each (e-mail, X-Forwarded-For) at once, in turns at both processes. Answers by status, and the
    smallest limit that a refusal told."""
    limits = [10**6]
    slots = asyncio.Semaphore(60)
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=60)) as client:

        async def once(number: int, email: str, forwarded_for: str) -> int:
            async with slots:
                answer = await client.post(
                    urls[number % 2] + SIGN_IN,
                    json={"email": email, "password": "wrong password"},
                    headers={"x-forwarded-for": forwarded_for} if forwarded_for else {},
                )
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1
                limits.append(int(answer.headers["ratelimit-limit"]))
            return answer.status_code

        done = await asyncio.gather(*(once(number, *each) for number, each in enumerate(requests)))
    return Counter(done), min(limits)


async def test_of_1000_sign_ins_from_one_address_exactly_so_many_are_heard(behind_a_proxy):
    source = f"203.0.113.{uuid4().int % 250 + 1}"
    tries = [(f"{uuid4().hex}@example.com", source) for _ in range(1000)]
    told, limit = await rush(behind_a_proxy, tries)
    assert set(told) == {401, 429}
    assert told[401] == limit


async def test_of_1000_addresses_that_try_one_account_exactly_so_many_are_heard_as_waits_have_ended(behind_a_proxy):
    """Five, then one more after a second, two more, four more …: the sixth a second after the fifth at the earliest."""
    victim = f"{uuid4().hex}@example.com"
    tries = [(victim, f"198.18.{number // 250}.{number % 250 + 1}") for number in range(1000)]
    started = time.monotonic()
    told, limit = await rush(behind_a_proxy, tries)
    seconds = time.monotonic() - started
    assert set(told) == {401, 429}
    assert limit == FREE_FAILURES
    assert FREE_FAILURES <= told[401] <= FREE_FAILURES + int(math.log2(seconds + 1))


async def test_an_address_that_a_stranger_makes_up_for_each_try_does_not_help(alone):
    tries = [(f"{uuid4().hex}@example.com", f"198.18.7.{number % 250}") for number in range(300)]
    told, limit = await rush(alone, tries)
    assert set(told) == {401, 429}
    assert told[401] == limit


async def test_a_visitor_s_own_forged_hops_do_not_help_behind_a_proxy(behind_a_proxy):
    """A proxy adds the real address at the right end of what the visitor sent."""
    real = f"203.0.113.{uuid4().int % 250 + 1}"
    tries = [(f"{uuid4().hex}@example.com", f"198.18.8.{number % 250}, {real}") for number in range(200)]
    told, limit = await rush(behind_a_proxy, tries)
    assert told[401] == limit


async def test_a_neighbouring_ipv6_address_is_the_same_visitor(behind_a_proxy):
    network = f"2001:db8:{uuid4().int % 65536:x}:1"
    tries = [(f"{uuid4().hex}@example.com", f"{network}::{number:x}") for number in range(1, 200)]
    told, limit = await rush(behind_a_proxy, tries)
    assert told[401] == limit
