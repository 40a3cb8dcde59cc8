"""Hashing: strong enough, the same work for everybody, and out of the way of other requests."""

import asyncio
import fcntl
import os
import sys
import threading
import time

from argon2 import PasswordHasher, extract_parameters

from shop.kernel.config import settings
from shop.kernel.errors import Unavailable
from shop.kernel.priority import NICENESS_OF_THREADS
from shop.modules.identity import passwords
from shop.modules.identity.passwords import HASHER, NOBODYS, check_password, hash_password

THREADS_HAVE_PRIORITIES = sys.platform == "linux"


async def test_a_hash_is_argon2id_with_64_mebibytes_and_three_rounds():
    made = extract_parameters(await hash_password("correct horse"))
    assert (made.type.name, made.memory_cost, made.time_cost, made.parallelism) == ("ID", 65536, 3, 1)


def test_what_stands_in_for_an_unknown_account_costs_as_much_as_a_real_hash():
    assert extract_parameters(NOBODYS) == extract_parameters(HASHER.hash("anything"))


async def test_nobody_has_the_password_of_an_unknown_account():
    assert (await check_password("", None)).right is False
    assert (await check_password(NOBODYS, None)).right is False


async def test_a_right_password_is_told_from_a_wrong_one():
    stored = await hash_password("correct horse")
    assert (await check_password("correct horse", stored)).right is True
    assert (await check_password("correct house", stored)).right is False


async def test_a_hash_that_can_not_be_read_lets_nobody_in():
    assert (await check_password("x", "not a hash")).right is False


async def test_a_hash_made_with_weaker_parameters_is_made_anew():
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    verdict = await check_password("correct horse", weak)
    assert verdict.right
    assert verdict.better_hash is not None
    assert extract_parameters(verdict.better_hash) == extract_parameters(NOBODYS)
    assert (await check_password("correct horse", verdict.better_hash)).better_hash is None


async def test_the_event_loop_goes_on_while_passwords_are_hashed():
    pauses = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.002)
            pauses.append(time.perf_counter() - before)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(hash_password("correct horse") for _ in range(4)))
    watching.cancel()
    assert len(pauses) > 10


async def test_too_many_at_once_are_turned_away_instead_of_queued_for_ever(monkeypatch):
    monkeypatch.setattr(passwords, "QUEUE", 2)
    answers = await asyncio.gather(*(hash_password("x") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, str) for answer in answers) == 2
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 3
    assert await hash_password("x")


async def test_hashing_gives_way_to_everything_else_in_one_thread_at_a_time():
    loop = asyncio.get_running_loop()
    threads = await asyncio.gather(
        *(loop.run_in_executor(passwords._threads, lambda: (threading.get_ident(), _niceness())) for _ in range(8))
    )
    assert set(threads) == {(threads[0][0], NICENESS_OF_THREADS if THREADS_HAVE_PRIORITIES else _niceness())}


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id() if THREADS_HAVE_PRIORITIES else 0)


async def test_processes_take_turns(monkeypatch):
    """A lock of another process's holds this one's hash up, for as long as it is held."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with (settings().data_dir / "hashing-0.lock").open("ab") as elsewhere:
        fcntl.flock(elsewhere, fcntl.LOCK_EX)
        hashing = asyncio.create_task(hash_password("x"))
        await asyncio.wait({hashing}, timeout=1)
        assert not hashing.done()
    assert (await hashing).startswith("$argon2id$")


async def test_without_a_place_for_locks_passwords_are_hashed_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_DATA_DIR", str(tmp_path / "missing"))
    settings.cache_clear()
    try:
        assert (await hash_password("x")).startswith("$argon2id$")
    finally:
        monkeypatch.undo()
        settings.cache_clear()
