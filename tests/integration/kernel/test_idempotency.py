"""One key, one effect: whoever repeats it gets the first answer."""

import asyncio
from contextvars import Context
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import text

from shop.kernel.db import sql, write
from shop.kernel.errors import Conflict, Invalid
from shop.kernel.http.idempotency import InProgress, KeyReused, idempotently, keep_answer
from tests.waiting import until


@pytest.fixture(autouse=True)
def _clean(db):
    return


def request(key="k1", body=b"{}"):
    async def read_body() -> bytes:
        return body

    return SimpleNamespace(headers={"idempotency-key": key} if key is not None else {}, body=read_body)


class Work:
    def __init__(self, *, refuse: bool = False) -> None:
        self.runs = 0
        self.refuse = refuse
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self):
        self.runs += 1
        await self.go.wait()
        if self.refuse:
            raise Conflict("no")
        return 201, {"run": self.runs}


async def test_a_repetition_gets_the_stored_answer():
    work = Work()
    first = await idempotently(request(), "s", work)
    second = await idempotently(request(), "s", work)
    assert work.runs == 1
    assert (first.status_code, first.content) == (second.status_code, second.content) == (201, b'{"run":1}')


async def test_another_scope_is_another_key():
    work = Work()
    await idempotently(request(), "cart a", work)
    await idempotently(request(), "cart b", work)
    assert work.runs == 2


async def test_a_second_call_while_the_first_runs_is_told_so():
    work = Work()
    work.go.clear()
    first = asyncio.create_task(idempotently(request(), "s", work))
    await until(lambda: work.runs == 1)
    with pytest.raises(InProgress):
        await idempotently(request(), "s", work)
    work.go.set()
    await first
    assert work.runs == 1


async def test_a_key_with_another_body_is_refused():
    work = Work()
    await idempotently(request(), "s", work)
    with pytest.raises(KeyReused):
        await idempotently(request(body=b'{"other":1}'), "s", work)
    assert work.runs == 1


async def test_a_refusal_gives_the_key_back():
    with pytest.raises(Conflict):
        await idempotently(request(), "s", Work(refuse=True))
    answer = await idempotently(request(body=b'{"mended":1}'), "s", Work())
    assert answer.status_code == 201


async def test_fifty_at_once_run_once():
    work = Work()
    answers = await asyncio.gather(*(idempotently(request(), "s", work) for _ in range(50)), return_exceptions=True)
    assert work.runs == 1
    assert all(isinstance(answer, InProgress) or answer.status_code == 201 for answer in answers)


async def test_a_dead_process_s_key_is_free_again_when_its_lease_has_run_out():
    work = Work()
    work.go.clear()
    task = asyncio.create_task(idempotently(request(), "s", work))
    await until(lambda: work.runs == 1)
    await write(
        lambda uow: sql(uow).execute(text("update kernel.idempotency set leased_until = now() - interval '1 s'"))
    )
    rerun = Work()
    assert (await idempotently(request(), "s", rerun)).status_code == 201
    assert rerun.runs == 1
    task.cancel()


@pytest.mark.parametrize("key", [None, "", "x" * 256, "a\nb"])
async def test_a_required_key_that_is_missing_or_odd_is_refused(key):
    work = Work()
    with pytest.raises(Invalid):
        await idempotently(request(key), "s", work, required=True)
    assert work.runs == 0


class Answer(msgspec.Struct):
    run: int


class Note:
    """An effect that can be counted, in one transaction with its answer."""

    def __init__(self, *, overtaken: bool = False) -> None:
        self.runs = 0
        self.overtaken = overtaken

    async def __call__(self):
        return 201, await write(self.note)

    async def note(self, uow) -> Answer:
        self.runs += 1
        await sql(uow).execute(text("insert into kernel.job (name) values ('note-' || gen_random_uuid())"))
        if self.overtaken:
            await in_another_request(self.overtake())
        await keep_answer(uow, request(), "s", 201, Answer(self.runs))
        return Answer(self.runs)

    async def overtake(self) -> None:
        await write(lambda other: sql(other).execute(text("update kernel.idempotency set leased_until = now()")))
        await idempotently(request(), "s", Note())


async def in_another_request(work) -> None:
    await asyncio.get_running_loop().create_task(work, context=Context())


async def notes() -> int:
    async def count(uow) -> int:
        return await sql(uow).scalar(text("select count(*) from kernel.job where name like 'note-%'"))

    return await write(count)


async def test_a_death_between_effect_and_answer_keeps_neither_or_both():
    note = Note()

    async def work():
        await note()
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await idempotently(request(), "s", work)
    again = await idempotently(request(), "s", note)
    assert (again.content, note.runs, await notes()) == (b'{"run":1}', 1, 1)


async def test_work_that_outlives_its_lease_has_no_second_effect():
    with pytest.raises(InProgress):
        await idempotently(request(), "s", Note(overtaken=True))
    assert await notes() == 1
    assert (await idempotently(request(), "s", Note())).content == b'{"run":1}'
    assert await notes() == 1
