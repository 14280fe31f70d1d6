"""How a client asks: against HTTP servers that answer as schedulers do, also when things go wrong."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from joblog import JobNotFoundError, JobTimeoutError, SchedulerUnavailableError, Settings, Status
from joblog.client.announced import Announced
from joblog.client.job import Job, Submitted
from joblog.client.questions import Questions
from joblog.processors.scheduler.answers import job_as_json
from joblog.schemas.models import Failure, OwnerAnnounced
from joblog.schemas.state import JobRow, Opening

ROW = JobRow(
    Opening.of(
        job_id="job",
        generation=1,
        type="send-mail",
        queue="default",
        priority=4,
        tenant="default",
        submission=b"",
        traceparent=None,
        headers=(),
        submitted_at=1_800_000_000_000,
        opened_at=1_800_000_000_000,
        submission_offset=7,
        position=7,
        deadline=None,
        correlation_id=None,
        max_attempts=None,
        timeout_ms=None,
    ),
    status="pending",
    updated_at=1_800_000_000_123,
)
SUBMITTED = Submitted("job", 0, 7)
Answer = Callable[[web.Request], Awaitable[web.Response]]


class Schedulers:
    """One scheduler after the other, and who is announced as the owner of the only partition."""

    def __init__(self, session: ClientSession) -> None:
        self.announced = Announced(Settings())
        self.questions = Questions(self.announced, session, 1, self._end)
        self.end = 8
        self._servers: list[TestServer] = []

    async def add(self, answer: Answer) -> str:
        """Start a scheduler and return its URL."""
        app = web.Application()
        app.add_routes([web.get("/v1/job", answer)])
        server = TestServer(app)
        await server.start_server()
        self._servers.append(server)
        return str(server.make_url("/")).rstrip("/")

    def announce(self, url: str) -> None:
        self.announced.owners[0] = OwnerAnnounced(
            event_id="o", time=1, partition=0, url=url, epoch=1
        )
        self.announced.told()

    async def stop(self) -> None:
        for server in self._servers:
            await server.close()

    async def _end(self, _: int) -> int:
        return self.end


@pytest.fixture
async def schedulers() -> AsyncIterator[Schedulers]:
    async with ClientSession() as session:
        schedulers = Schedulers(session)
        yield schedulers
        await schedulers.stop()


def folded(offset: int, row: JobRow | None = ROW) -> web.Response:
    job = None if row is None else job_as_json(row)
    return web.json_response({"partition": 0, "offset": offset, "job": job})


async def knows(_: web.Request) -> web.Response:
    return folded(9)


async def knows_nothing(_: web.Request) -> web.Response:
    return folded(9, None)


async def has_lost_the_partition(_: web.Request) -> web.Response:
    return web.json_response({"error": "moved"}, status=421)


def test_a_row_becomes_a_job_with_times_and_bytes() -> None:
    row = ROW._replace(
        status="dead_lettered",
        finished_at=1_800_000_001_000,
        failure=Failure(kind="error", type="E", message="m"),
        result=b"\xfb\xff\x00",
        result_schema=b"\xff" * 8,
    )
    answer: dict[str, Any] = job_as_json(row)
    job = Job.model_validate(answer | {"partition": 3, "offset": 9})
    assert (job.result, job.result_schema) == (b"\xfb\xff\x00", b"\xff" * 8)
    assert base64.b64decode(answer["result"]) == job.result
    assert job.failure == row.failure
    assert job.finished_at is not None
    assert (job.finished_at - job.submitted_at).total_seconds() == 1
    assert (job.has_ended, job.partition, job.offset) == (True, 3, 9)


def test_a_job_survives_the_way_through_json() -> None:
    answer = job_as_json(ROW._replace(result=b"\xfb\xff", result_schema=b"12345678"))
    job = Job.model_validate(answer | {"partition": 3, "offset": 9})
    assert Job.model_validate_json(job.model_dump_json()) == job


async def test_the_owner_s_answer_is_the_job(schedulers: Schedulers) -> None:
    schedulers.announce(await schedulers.add(knows))
    job = await schedulers.questions.get(SUBMITTED, 5)
    assert (job.job_id, job.status, job.offset) == ("job", Status.PENDING, 9)


async def test_an_answer_from_before_the_submission_is_asked_for_again(
    schedulers: Schedulers,
) -> None:
    offsets = iter((5, 6, 7))

    async def lags(_: web.Request) -> web.Response:
        offset = next(offsets)
        return folded(offset, ROW if offset == 7 else None)

    schedulers.announce(await schedulers.add(lags))
    assert (await schedulers.questions.get(SUBMITTED, 5)).offset == 7


async def test_who_has_given_the_partition_up_is_not_believed(schedulers: Schedulers) -> None:
    old, new = await schedulers.add(has_lost_the_partition), await schedulers.add(knows)
    schedulers.announce(old)
    asked = asyncio.create_task(schedulers.questions.get(SUBMITTED, 5))
    schedulers.announce(new)
    assert (await asked).offset == 9


async def test_who_does_not_listen_any_more_is_given_up_for_its_successor(
    schedulers: Schedulers,
) -> None:
    schedulers.announce("http://127.0.0.1:1")
    asked = asyncio.create_task(schedulers.questions.get(SUBMITTED, 5))
    schedulers.announce(await schedulers.add(knows))
    assert (await asked).offset == 9


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (has_lost_the_partition, "has given the partition up"),
        (knows_nothing, "has folded offset 9 so far"),
    ],
)
async def test_after_the_timeout_the_last_reason_is_told(
    schedulers: Schedulers, answer: Answer, reason: str
) -> None:
    schedulers.announce(await schedulers.add(answer))
    with pytest.raises(SchedulerUnavailableError, match=reason) as caught:
        await schedulers.questions.get(Submitted("job", 0, 10), 0.2)
    assert (caught.value.partition, caught.value.timeout) == (0, 0.2)


async def test_a_scheduler_that_hangs_is_given_up_in_time(schedulers: Schedulers) -> None:
    released = asyncio.Event()

    async def hangs(_: web.Request) -> web.Response:
        await released.wait()
        return folded(9)

    schedulers.announce(await schedulers.add(hangs))
    with pytest.raises(SchedulerUnavailableError, match="does not answer"):
        await schedulers.questions.get(SUBMITTED, 0.2)
    released.set()


async def test_a_job_that_is_not_there_once_its_submission_is_folded_is_not_found(
    schedulers: Schedulers,
) -> None:
    schedulers.announce(await schedulers.add(knows_nothing))
    with pytest.raises(JobNotFoundError, match="'job'"):
        await schedulers.questions.get(SUBMITTED, 5)


async def test_an_id_alone_is_not_found_only_once_all_is_folded_that_is_there(
    schedulers: Schedulers,
) -> None:
    asked_for = []

    async def catches_up(request: web.Request) -> web.Response:
        asked_for.append(request.query["after"])
        return folded(3, None) if len(asked_for) == 1 else folded(7)

    schedulers.announce(await schedulers.add(catches_up))
    assert (await schedulers.questions.get("job", 5)).offset == 7
    assert asked_for == ["-1", "7"]


async def test_wait_asks_until_the_job_has_ended(schedulers: Schedulers) -> None:
    statuses = iter(("pending", "running", "succeeded"))

    async def works(_: web.Request) -> web.Response:
        return folded(9, ROW._replace(status=next(statuses)))

    schedulers.announce(await schedulers.add(works))
    assert (await schedulers.questions.wait(SUBMITTED, 5)).status == Status.SUCCEEDED


async def test_wait_ends_with_what_was_seen_last(schedulers: Schedulers) -> None:
    schedulers.announce(await schedulers.add(knows))
    with pytest.raises(JobTimeoutError, match="pending") as caught:
        await schedulers.questions.wait(SUBMITTED, 0.1)
    assert (caught.value.job_id, caught.value.status) == ("job", "pending")


async def test_without_any_time_the_owner_is_asked_once(schedulers: Schedulers) -> None:
    asked = 0

    async def counts(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return folded(9, ROW._replace(status="succeeded"))

    schedulers.announce(await schedulers.add(counts))
    assert (await schedulers.questions.get(SUBMITTED, 0)).status == Status.SUCCEEDED
    assert (await schedulers.questions.wait(SUBMITTED, 0)).status == Status.SUCCEEDED
    assert asked == 2


async def test_wait_without_any_time_says_how_far_the_job_is(schedulers: Schedulers) -> None:
    schedulers.announce(await schedulers.add(knows))
    with pytest.raises(JobTimeoutError, match="pending after 0 s"):
        await schedulers.questions.wait(SUBMITTED, 0)


async def test_an_id_alone_without_any_time_is_not_found_after_two_questions(
    schedulers: Schedulers,
) -> None:
    schedulers.announce(await schedulers.add(knows_nothing))
    with pytest.raises(JobNotFoundError):
        await schedulers.questions.wait("job", 0)


async def test_wait_for_a_scheduler_that_is_gone_is_over_in_time(schedulers: Schedulers) -> None:
    schedulers.announce("http://127.0.0.1:1")
    with pytest.raises(JobTimeoutError, match=r"unknown after 0\.1 s") as caught:
        await schedulers.questions.wait(SUBMITTED, 0.1)
    assert isinstance(caught.value.__cause__, SchedulerUnavailableError)


async def test_wait_while_nobody_has_announced_itself_says_so(schedulers: Schedulers) -> None:
    with pytest.raises(SchedulerUnavailableError, match="none has announced itself"):
        await schedulers.questions.wait(SUBMITTED, 0)


async def test_a_scheduler_that_goes_away_while_one_waits_is_a_timeout_with_the_status_seen_last(
    schedulers: Schedulers,
) -> None:
    answers = iter((folded(9),))

    async def goes_away(_: web.Request) -> web.Response:
        return next(answers, None) or web.json_response({}, status=503)

    schedulers.announce(await schedulers.add(goes_away))
    with pytest.raises(JobTimeoutError) as caught:
        await schedulers.questions.wait(SUBMITTED, 0.2)
    assert caught.value.status == "pending"


async def test_both_questions_about_an_id_share_one_deadline(
    schedulers: Schedulers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look the end of the partition up takes a minute of the loop's clock."""
    loop = asyncio.get_running_loop()
    passed, real, asked_for = 0.0, loop.time, []
    monkeypatch.setattr(loop, "time", lambda: real() + passed)

    async def lags(request: web.Request) -> web.Response:
        asked_for.append(request.query["after"])
        return folded(3, None)

    async def end(_: int) -> int:
        nonlocal passed
        passed += 60
        return 8

    monkeypatch.setattr(schedulers.questions, "_end_of", end)
    schedulers.announce(await schedulers.add(lags))
    with pytest.raises(SchedulerUnavailableError, match="has folded offset 3 so far"):
        await schedulers.questions.get("job", 30)
    assert asked_for == ["-1", "7"]
