"""Jobs and records that failed for good, and what is done about them."""

from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import BaseModel

from joblog import Client, Job, Settings, Status
from joblog.cli.dead_letter_queue import connected_queue
from joblog.processors.dead_letters.errors import NoJobError
from joblog.processors.dead_letters.letters import DeadLetter, Selection
from joblog.processors.dead_letters.queue import DeadLetters
from joblog.processors.dead_letters.remedies import REDRIVEN_FROM, Request
from joblog.processors.dead_letters.standing import Judged
from joblog.schemas.models import (
    AttemptSucceeded,
    JobDeadLettered,
    JobDispatched,
    JobEvent,
    OriginalRecord,
)
from joblog.streams.records import Outbound
from tests.kafka.cli.running import Bench, failed, joblog, succeeded, until

Work = Callable[[Callable[[JobDispatched], JobEvent | None]], None]

pytestmark = pytest.mark.usefixtures("scheduler")

GARBAGE = b"\x00\x01 no event"
REQUEST = Request("ada", "mended")


class Mail(BaseModel):
    to: str = "ada"


@pytest.fixture
async def failing(bench: Bench, work: Work) -> set[str]:
    """Job types whose attempts fail for good; a test takes them out when they are mended."""
    types = {"send-mail", "send-fax"}
    for name in types:
        await bench.declare(name)
    work(lambda d: failed(d, retryable=False) if d.type in types else succeeded(d))
    return types


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with Client(settings) as client:
        yield client


@pytest.fixture
async def queue(settings: Settings) -> AsyncIterator[DeadLetters]:
    async with connected_queue(settings) as queue:
        yield queue


async def fail(client: Client, type_: str = "send-mail") -> Job:
    """Submit a job and wait until it is dead-lettered."""
    job = await client.wait(await client.submit(type_, Mail()))
    assert job.status == Status.DEAD_LETTERED
    return job


async def open_letters(queue: DeadLetters, selection: Selection | None = None) -> list[Judged]:
    return [found async for batch in queue.open(selection or Selection()) for found in batch]


async def all_letters(queue: DeadLetters) -> list[DeadLetter]:
    return [letter async for batch in queue.all(Selection()) for letter in batch]


async def put_garbage(bench: Bench) -> int:
    """Write a record that is no event, and return its offset in partition 1."""
    headers = [("x-trace", b"7"), ("x-null", None)]
    record = Outbound(bench.topics.events.name, 1, b"k", GARBAGE, headers)
    return (await bench.put_raw(record))[1]


async def test_a_job_is_redriven_as_its_next_generation_once_it_is_mended(
    client: Client, queue: DeadLetters, failing: set[str]
) -> None:
    job = await fail(client)
    (found,) = await open_letters(queue)
    assert found.is_of_job
    assert (found.letter.event.job_id, found.letter.event.generation) == (job.job_id, 1)
    assert (found.letter.event.reason, found.letter.type) == ("fatal", "send-mail")

    failing.clear()
    await queue.redrive([found], REQUEST)
    await until(lambda: client.get(job), lambda now: now.generation == 2)
    assert (await client.wait(job.job_id)).status == Status.SUCCEEDED
    assert await open_letters(queue) == []
    assert await all_letters(queue) == [found.letter]


@pytest.mark.usefixtures("failing")
async def test_a_redrive_that_fails_is_a_new_dead_letter(
    client: Client, queue: DeadLetters
) -> None:
    await fail(client)
    await queue.redrive(await open_letters(queue), REQUEST)
    letters = await until(lambda: all_letters(queue), lambda found: len(found) == 2)
    (still_open,) = await until(lambda: open_letters(queue), lambda found: len(found) == 1)
    assert [letter.event.generation for letter in letters] == [1, 2]
    assert still_open.letter == letters[1]


@pytest.mark.usefixtures("failing")
async def test_a_repeated_redrive_changes_nothing(client: Client, queue: DeadLetters) -> None:
    job = await fail(client)
    found = await open_letters(queue)
    await queue.redrive([*found, *found], REQUEST)
    await until(lambda: all_letters(queue), lambda letters: len(letters) == 2)
    assert (await client.wait(job.job_id)).generation == 2


@pytest.mark.usefixtures("failing")
async def test_a_discarded_dead_letter_is_open_no_longer(
    client: Client, queue: DeadLetters
) -> None:
    job = await fail(client)
    await queue.discard(await open_letters(queue), REQUEST)
    await until(lambda: client.get(job), lambda now: now.discarded)
    assert await open_letters(queue) == []


async def test_a_record_is_redriven_byte_for_byte_and_open_no_longer(
    bench: Bench, queue: DeadLetters
) -> None:
    offset = await put_garbage(bench)
    (found,) = await until(lambda: open_letters(queue), lambda letters: len(letters) == 1)
    assert (found.letter.event.reason, found.is_of_job) == ("poison", False)
    assert found.letter.event.original.offset == offset

    await queue.redrive([found], REQUEST)
    _, newer = await until(lambda: all_letters(queue), lambda letters: len(letters) == 2)
    original = newer.event.original
    assert (original.partition, original.key, original.value) == (1, b"k", GARBAGE)
    assert {header.key: header.value for header in original.headers} == {
        "x-trace": b"7",
        "x-null": None,
        REDRIVEN_FROM: found.letter.reference.encode(),
    }
    assert [now.letter for now in await open_letters(queue)] == [newer]


async def test_a_refused_record_with_a_job_s_id_is_no_dead_letter_of_the_job(
    bench: Bench, queue: DeadLetters
) -> None:
    stray = AttemptSucceeded(
        event_id="e", time=1, job_id="nobody", attempt=1, worker="w", started_at=1
    )
    await bench.put(bench.topics.events.name, 0, stray, b"nobody")
    (found,) = await until(lambda: open_letters(queue), lambda letters: len(letters) == 1)
    assert (found.letter.event.job_id, found.letter.event.reason) == ("nobody", "unknown_job")
    assert not found.is_of_job
    with pytest.raises(NoJobError, match="is a record's and no job's"):
        await queue.discard([found], REQUEST)


async def test_a_value_that_was_too_large_for_its_dead_letter_is_taken_from_the_log(
    bench: Bench, queue: DeadLetters
) -> None:
    offset = await put_garbage(bench)
    original = OriginalRecord(
        topic=bench.topics.events.name,
        partition=1,
        offset=offset,
        timestamp=1,
        key=b"k",
        value=None,
    )
    letter = JobDeadLettered(event_id="d", time=1, reason="too_large", original=original)
    _, at = await bench.put(bench.topics.dead_letters.name, 1, letter, None)
    (found,) = await open_letters(queue, Selection(f"1@{at}"))

    await queue.redrive([found], REQUEST)
    letters = await until(lambda: all_letters(queue), lambda letters: len(letters) == 3)
    assert [one.event.original.value for one in letters].count(GARBAGE) == 2


async def test_the_command_lists_filters_redrives_and_discards(
    env: dict[str, str], client: Client, bench: Bench, queue: DeadLetters, failing: set[str]
) -> None:
    await put_garbage(bench)
    mail, fax = await fail(client, "send-mail"), await fail(client, "send-fax")
    await until(lambda: all_letters(queue), lambda letters: len(letters) == 3)

    async def listed(*arguments: str) -> list[str]:
        result = await joblog("dlq", "list", "--json", *arguments, env=env)
        return [letter["job_id"] for letter in result.json_lines]

    assert sorted(await listed()) == sorted(["", mail.job_id, fax.job_id])
    assert await listed("--type", "send-fax") == [fax.job_id]
    assert await listed("--reason", "fatal") == [mail.job_id, fax.job_id]
    assert await listed("--limit", "1") == [fax.job_id]

    failing.clear()
    redriven = await joblog("dlq", "redrive", "--all", "--type", "send-mail", env=env)
    assert (redriven.code, redriven.err) == (0, "1 redriven\n")
    await until(lambda: client.get(mail), lambda job: job.generation == 2)
    discarded = await joblog("dlq", "discard", "--all", env=env)
    assert (discarded.code, discarded.err) == (0, "1 discarded\n")
    await until(lambda: client.get(fax), lambda job: job.discarded)
    assert await listed() == [""]
    assert len(await listed("--history")) == 3

    again = await joblog("dlq", "redrive", mail.job_id, env=env)
    assert (again.code, "no open dead letter" in again.err) == (3, True)


async def test_the_command_shows_a_dead_letter_with_its_original(
    env: dict[str, str], bench: Bench, queue: DeadLetters
) -> None:
    offset = await put_garbage(bench)
    (found,) = await until(lambda: open_letters(queue), lambda letters: len(letters) == 1)
    reference = found.letter.reference
    table = await joblog("dlq", "show", reference, env=env)
    assert GARBAGE.hex(" ", 4) in table.out
    assert f"{bench.topics.events.name}/1@{offset}" in table.out
    shown = (await joblog("dlq", "show", reference, "--json", env=env)).json
    assert (shown["standing"], shown["original"]["offset"]) == ("open", offset)


@pytest.mark.usefixtures("failing")
async def test_the_command_shows_a_job_s_dead_letter_with_its_payload(
    env: dict[str, str], client: Client
) -> None:
    job = await fail(client)
    shown = (await joblog("dlq", "show", job.job_id, "--json", env=env)).json
    assert (shown["type"], shown["payload"]) == ("send-mail", {"to": "ada"})


@pytest.mark.parametrize("arguments", [(), ("some-job", "--all")])
async def test_one_or_all_has_to_be_said(env: dict[str, str], arguments: tuple[str, ...]) -> None:
    result = await joblog("dlq", "redrive", *arguments, env=env)
    assert (result.code, "name one dead letter, or give --all" in result.err) == (2, True)
