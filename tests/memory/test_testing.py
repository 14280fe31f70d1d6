"""Users test handlers, retries, delays and whole flows in memory, with the scheduler's own code."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest
from pydantic import BaseModel

from joblog import (
    Client,
    Context,
    EventLoopRunsError,
    Fatal,
    JobNotFoundError,
    JobNotSucceededError,
    JobTimeoutError,
    Registry,
    RetryAfter,
    RetryPolicy,
    Settings,
    Status,
    Submission,
    SyncClient,
)
from joblog.processors.scheduler import pages
from joblog.processors.worker.errors import HandlerError
from joblog.schemas.models import AttemptHeartbeat, RetryScheduled
from joblog.testing import MemoryClient, SyncMemoryClient

handlers = Registry()
MINUTE = timedelta(minutes=1)
THREE = RetryPolicy(max_attempts=3, backoff="fixed", initial_delay_ms=60_000, jitter=0)


class Order(BaseModel):
    number: int = 0
    fails: int = 0


class Receipt(BaseModel):
    text: str


class Bank:
    def __init__(self) -> None:
        self.paid: list[int] = []


@handlers.resource
def bank() -> Iterator[Bank]:
    yield Bank()


@handlers.job("pay", retry=THREE)
async def pay(order: Order, context: Context, bank: Bank) -> Receipt:
    context.heartbeat(0.5, "half")
    if context.attempt <= order.fails:
        raise ConnectionError("the bank is closed")
    bank.paid.append(order.number)
    return Receipt(text=f"paid {order.number}")


@handlers.job("later", lane="slow")
def later(_: Order) -> None:
    raise RetryAfter(timedelta(minutes=30))


@handlers.job("never", run_in="process")
def never(_: Order) -> None:
    raise Fatal("no such account")


@handlers.job("hangs", timeout=timedelta(milliseconds=10))
async def hangs(_: Order) -> None:
    await asyncio.Event().wait()


async def test_a_job_runs_and_its_result_is_that_of_its_handler() -> None:
    async with MemoryClient(handlers) as client:
        submitted = await client.submit(pay, Order(number=7))
        receipt = await client.result(submitted, pay)
        assert receipt.text == "paid 7"
        assert await client.result(submitted, Receipt) == receipt
        (beat,) = [e for e in await client.events(submitted) if isinstance(e, AttemptHeartbeat)]
        assert (beat.progress, beat.message) == (0.5, "half")


async def test_retries_come_when_the_policy_says_and_not_before() -> None:
    async with MemoryClient(handlers) as client:
        submitted = await client.submit(pay, Order(fails=2))
        job = await client.get(submitted)
        assert (job.status, job.attempt) == (Status.RETRYING, 1)
        await client.advance(MINUTE - timedelta(milliseconds=1))
        assert (await client.get(submitted)).attempt == 1
        await client.advance(timedelta(milliseconds=1))
        assert (await client.get(submitted)).attempt == 2
        begun = client.now
        job = await client.wait(submitted)
        assert (job.status, job.attempt) == (Status.SUCCEEDED, 3)
        assert client.now == begun + MINUTE


async def test_wait_gives_up_in_virtual_time() -> None:
    async with MemoryClient(handlers, start=datetime(2030, 1, 1, tzinfo=UTC)) as client:
        submitted = await client.submit(later, Order())
        with pytest.raises(JobTimeoutError):
            await client.wait(submitted, timeout=600)
        assert client.now == datetime(2030, 1, 1, 0, 10, tzinfo=UTC)
        scheduled = [e for e in await client.events(submitted) if isinstance(e, RetryScheduled)]
        due = datetime(2030, 1, 1, 0, 30, tzinfo=UTC)
        assert {event.due for event in scheduled} == {round(due.timestamp() * 1_000)}
        await client.advance(timedelta(minutes=20))
        assert (await client.get(submitted)).attempt == 2


async def test_what_fails_for_good_is_dead_lettered_and_can_be_redriven() -> None:
    async with MemoryClient(handlers) as client:
        submitted = await client.submit(never, Order())
        with pytest.raises(JobNotSucceededError, match=r"joblog\.Fatal: no such account") as caught:
            await client.result(submitted, never)
        assert caught.value.status == Status.DEAD_LETTERED
        [letter] = await client.dead_letters()
        assert letter.job_id == submitted.job_id
        assert (await client.redrive(submitted)).generation == 2
        assert len(await client.dead_letters()) == 2


async def test_a_delayed_job_can_be_cancelled_before_it_runs() -> None:
    async with MemoryClient(handlers) as client:
        submitted = await client.submit(pay, Order(), delay=timedelta(days=1))
        assert (await client.cancel(submitted, reason="changed my mind")).status == Status.CANCELLED
        await client.advance(timedelta(days=2))
        assert (await client.get(submitted)).attempt == 0


async def test_a_handler_that_hangs_is_timed_out() -> None:
    async with MemoryClient(handlers) as client:
        job = await client.get(await client.submit(hangs, Order()))
        assert job.failure is not None
        assert job.failure.kind == "timeout"


async def test_one_key_is_one_job() -> None:
    async with MemoryClient(handlers) as client:
        many = await client.submit_many(
            Submission(pay, Order(number=1), idempotency_key="order-1") for _ in range(3)
        )
        assert len({one.job_id for one in many}) == 1
        assert (await client.wait(many[0])).attempt == 1


async def test_the_same_calls_give_the_same_events() -> None:
    async def events() -> list[str]:
        async with MemoryClient(handlers) as client:
            submitted = await client.submit(pay, Order(fails=1))
            await client.wait(submitted)
            return [event.model_dump_json() for event in await client.events(submitted)]

    first, second = await events(), await events()
    assert first == second


async def test_there_is_no_job_of_an_id_that_was_never_given() -> None:
    async with MemoryClient(handlers) as client:
        with pytest.raises(JobNotFoundError):
            await client.get("nowhere")


flows = Registry()


@flows.job("parent")
async def parent(order: Order) -> int:
    child = await Flow.client.submit(pay_child, order)
    return (await Flow.client.result(child, pay_child)) + 1


@flows.job("child")
async def pay_child(order: Order) -> int:
    return order.number


class Flow:
    client: MemoryClient


async def test_a_handler_may_submit_and_wait() -> None:
    async with MemoryClient(flows) as client:
        Flow.client = client
        many = await client.submit_many(Submission(parent, Order(number=n)) for n in range(5))
        assert [await client.result(one, parent) for one in many] == [1, 2, 3, 4, 5]


async def test_a_handler_that_asks_for_a_client_gets_the_one_in_memory() -> None:
    families = Registry()

    @families.resource
    async def client() -> AsyncIterator[Client]:
        async with Client() as to_kafka:
            yield to_kafka

    @families.job("mother")
    async def mother(order: Order, client: Client) -> int:
        return await client.result(await client.submit(child, order), child)

    @families.job("child")
    async def child(order: Order) -> int:
        return order.number

    async with MemoryClient(families) as memory:
        assert await memory.result(await memory.submit(mother, Order(number=7)), mother) == 7


async def test_a_handler_gets_the_one_in_memory_by_whatever_name_it_asks() -> None:
    families = Registry()

    @families.resource
    async def billing() -> AsyncIterator[Annotated[Client, "billing"]]:
        async with Client() as to_kafka:
            yield to_kafka

    @families.resource
    def plain() -> Iterator[SyncClient]:
        with SyncClient() as to_kafka:
            yield to_kafka

    @families.job("mother")
    async def mother(order: Order, client: Annotated[Client, "billing"]) -> int:
        return await client.result(await client.submit(aunt, order), aunt)

    @families.job("aunt")
    def aunt(order: Order, client: SyncClient) -> int:
        many = client.submit_many(Submission(child, Order(number=n)) for n in range(3))
        assert [job.status for job in client.jobs(type="child")] == ["succeeded"] * 3
        return order.number + sum(client.result(one, child) for one in many)

    @families.job("child")
    async def child(order: Order) -> int:
        return order.number

    async with MemoryClient(families) as memory:
        assert await memory.result(await memory.submit(mother, Order(number=7)), mother) == 10


async def test_a_failed_attempt_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing = Registry()

    @failing.job("fails", retry=RetryPolicy(max_attempts=1))
    async def fail(_: Order) -> None:
        raise ConnectionError("nobody answers")

    async with MemoryClient(failing) as client:
        job = await client.submit(fail, Order())
        await client.run()
    (record,) = [one for one in caplog.records if one.name == "joblog.job"]
    words = record.getMessage()
    assert words.startswith(f"attempt 1 of job {job.job_id!r} (fails) failed: Traceback")
    assert words.endswith("ConnectionError: nobody answers")
    assert (vars(record)["job_id"], vars(record)["attempt"]) == (job.job_id, 1)


async def test_nothing_runs_beside_a_plain_handler_that_is_out_of_time() -> None:
    slow, seen = Registry(), list[str]()

    @slow.job("slow", timeout=timedelta(milliseconds=1), retry=RetryPolicy(max_attempts=1))
    def take_longer(_: Order) -> None:
        threading.Event().wait(0.05)
        seen.append("slow")

    @slow.job("next")
    async def follow(_: Order) -> None:
        seen.append("next")

    async with MemoryClient(slow, settings=Settings(partitions=1)) as client:
        late = await client.submit(take_longer, Order())
        await client.submit(follow, Order())
        ended = await client.wait(late)
    assert ended.failure is not None
    assert (ended.status, ended.failure.kind) == ("dead_lettered", "timeout")
    assert seen == ["slow", "next"]


async def test_handlers_that_wait_for_each_other_without_end_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("joblog.processors.memory.handlers.DEPTH", 3)
    endless = Registry()

    @endless.resource
    def client() -> Iterator[SyncClient]:
        with SyncClient() as to_kafka:
            yield to_kafka

    @endless.job("again")
    def again(order: Order, client: SyncClient) -> None:
        client.wait(client.submit("again", order))

    async with MemoryClient(endless) as memory:
        await memory.submit(again, Order())
        await memory.run()
        words = [job.failure.message async for job in memory.jobs() if job.failure is not None]
    assert any("3 plain functions wait for each other's jobs" in message for message in words)


def test_a_handler_that_asks_for_what_there_is_not_is_refused_at_once() -> None:
    broken = Registry()

    @broken.job("asks")
    async def asks(_: Order, bank: Bank) -> None: ...

    with pytest.raises(HandlerError, match="no resource gives Bank"):
        MemoryClient(broken)


@pytest.fixture
def joblog_handlers() -> Registry:
    return handlers


def test_plain_tests_have_a_fixture(memory_joblog: SyncMemoryClient) -> None:
    submitted = memory_joblog.submit(pay, Order(number=3, fails=1))
    assert memory_joblog.get(submitted).status == Status.RETRYING
    memory_joblog.advance(MINUTE)
    assert memory_joblog.result(submitted, pay).text == "paid 3"
    assert memory_joblog.dead_letters() == []


async def test_jobs_are_listed_by_what_they_are() -> None:
    async with MemoryClient(handlers) as client:
        good = await client.submit_many(
            Submission(pay, Order(number=n), queue="even" if n % 2 == 0 else "odd")
            for n in range(10)
        )
        bad = await client.submit(never, Order(), tenant="acme")
        await client.run()
        found = [job async for job in client.jobs()]
        assert {job.job_id for job in found} == {one.job_id for one in (*good, bad)}
        assert [job.job_id async for job in client.jobs(status=Status.DEAD_LETTERED)] == [
            bad.job_id
        ]
        assert [job.job_id async for job in client.jobs(tenant="acme")] == [bad.job_id]
        even = {job.job_id async for job in client.jobs(type="pay", queue="even")}
        assert even == {one.job_id for one in good[::2]}
        assert [job async for job in client.jobs(type="pay", tenant="acme")] == []


async def test_pages_of_jobs_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ROWS_A_TURN", 3)
    monkeypatch.setattr(pages, "MOST_JOBS", 4)
    async with MemoryClient(handlers, settings=Settings(partitions=1)) as client:
        many = await client.submit_many(Submission(pay, Order(number=n)) for n in range(20))
        ids = [job.job_id async for job in client.jobs()]
        assert len(ids) == 20
        assert ids == sorted(one.job_id for one in many)


def test_jobs_are_listed_without_an_event_loop(memory_joblog: SyncMemoryClient) -> None:
    submitted = memory_joblog.submit(pay, Order())
    assert [job.job_id for job in memory_joblog.jobs(type="pay")] == [submitted.job_id]
    assert memory_joblog.cancel(submitted).status == Status.SUCCEEDED
    assert memory_joblog.wait(submitted).has_ended


async def test_a_client_that_blocks_is_refused_where_an_event_loop_runs() -> None:
    with pytest.raises(EventLoopRunsError):
        SyncMemoryClient(handlers).run()
