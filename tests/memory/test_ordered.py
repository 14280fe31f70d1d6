"""Ordered jobs through the client, the scheduler and the handlers, in memory."""

import pytest
from pydantic import BaseModel

from joblog import Fatal, Registry, Status, Submission, SubmissionRefusedError
from joblog.lifecycle.partitioner import partition_of
from joblog.testing import MemoryClient


class Step(BaseModel):
    number: int


class Account:
    """What its jobs have done to it, in order, and which of them fail."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.broken: set[int] = set()
        self.handlers = Registry()

        @self.handlers.job("book")
        async def book(step: Step) -> None:
            if step.number in self.broken:
                raise Fatal("no such account")
            self.done.append(step.number)


def steps(count: int, key: str = "account 7") -> list[Submission]:
    return [Submission("book", Step(number=number), ordering_key=key) for number in range(count)]


async def test_later_jobs_wait_behind_a_dead_letter_and_follow_its_redrive() -> None:
    account = Account()
    account.broken.add(1)
    async with MemoryClient(account.handlers) as client:
        jobs = await client.submit_many(steps(4))
        found = [await client.get(job) for job in jobs]
        assert [job.status for job in found] == ["succeeded", "dead_lettered", "blocked", "blocked"]
        assert [job.waits_for for job in found[1:]] == [None, found[1].job_id, found[1].job_id]
        assert {job.ordering_key for job in found} == {"account 7"}
        blocked = [job async for job in client.jobs(status=Status.BLOCKED)]
        assert {job.job_id for job in blocked} == {job.job_id for job in found[2:]}

        account.broken.clear()
        await client.redrive(jobs[1])
        assert (await client.wait(jobs[3])).status == Status.SUCCEEDED
        assert account.done == [0, 1, 2, 3]


async def test_a_blocked_job_that_is_cancelled_is_passed_over() -> None:
    account = Account()
    account.broken.add(0)
    async with MemoryClient(account.handlers) as client:
        jobs = await client.submit_many(steps(3))
        assert (await client.cancel(jobs[1])).status == Status.CANCELLED
        account.broken.clear()
        await client.redrive(jobs[0])
        await client.wait(jobs[2])
        assert account.done == [0, 2]


async def test_all_jobs_of_a_key_are_submitted_to_its_partition() -> None:
    async with MemoryClient(Account().handlers) as client:
        for key in ("account 7", "account 8", "Konto Größe"):
            jobs = await client.submit_many(steps(5, key))
            assert {job.partition for job in jobs} == {partition_of(key.encode(), 4)}


async def test_both_keys_at_once_are_refused() -> None:
    async with MemoryClient(Account().handlers) as client:
        with pytest.raises(SubmissionRefusedError) as refused:
            await client.submit("book", Step(number=1), ordering_key="a", idempotency_key="b")
    assert (refused.value.argument, refused.value.value) == ("ordering_key", "'a'")
