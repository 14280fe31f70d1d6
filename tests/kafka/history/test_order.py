"""Jobs of one ordering key never overlap, keep their order, and wait behind a dead letter."""

import pytest
from aiokafka.partitioner import murmur2

from tests.kafka.history.planted import FATAL, PlantedLog
from tests.kafka.history.topics import PARTITIONS

KEY = "account 7"


def home(job: str) -> int:
    return (int(murmur2(job.encode())) & 0x7FFFFFFF) % PARTITIONS


FIRST, SECOND, *_ = [job for job in map("job-{}".format, range(99)) if home(job) == home(KEY)]


async def test_one_after_the_other_breaks_no_rule(log: PlantedLog) -> None:
    await log.succeeds(FIRST, ordering_key=KEY)
    await log.succeeds(SECOND, ordering_key=KEY)
    assert await log.broken() == set()


async def test_finds_two_at_once(log: PlantedLog) -> None:
    await log.dispatch(FIRST, 1, await log.submit(FIRST, ordering_key=KEY))
    await log.dispatch(SECOND, 1, await log.submit(SECOND, ordering_key=KEY))
    await log.succeeds_in(FIRST, 1)
    await log.succeeds_in(SECOND, 1)
    assert await log.broken() == {"ordered_jobs_take_turns"}


@pytest.mark.parametrize(
    ("key", "tenant"), [("account 8", "default"), (KEY, "acme"), (None, "default")]
)
async def test_others_may_run_at_once(log: PlantedLog, key: str | None, tenant: str) -> None:
    await log.dispatch(FIRST, 1, await log.submit(FIRST, ordering_key=KEY))
    second = await log.submit(SECOND, ordering_key=key, tenant=tenant)
    await log.dispatch(SECOND, 1, second)
    await log.succeeds_in(FIRST, 1)
    await log.succeeds_in(SECOND, 1)
    assert await log.broken() == set()


async def test_finds_that_a_later_one_goes_first(log: PlantedLog) -> None:
    first = await log.submit(FIRST, ordering_key=KEY)
    await log.dispatch(SECOND, 1, await log.submit(SECOND, ordering_key=KEY))
    success = await log.succeeds_in(SECOND, 1)
    assert first.partition == success.partition
    await log.dispatch(FIRST, 1, success)
    await log.succeeds_in(FIRST, 1)
    assert await log.broken() == {"ordered_jobs_take_turns"}


@pytest.mark.parametrize("discarded", [False, True])
async def test_finds_that_one_does_not_wait_behind_a_dead_letter(
    log: PlantedLog, *, discarded: bool
) -> None:
    await log.dispatch(FIRST, 1, await log.submit(FIRST, ordering_key=KEY))
    log.runs(FIRST, 1, "start")
    cause = await log.report("AttemptFailed", FIRST, 1, failure=FATAL)
    await log.dead_letter_of_job(FIRST, cause, "fatal")
    await log.row(FIRST, status="dead_lettered", attempt=1, failures=1)
    await log.submit(SECOND, ordering_key=KEY)
    if discarded:
        cause = await log.append("DeadLetterDiscarded", FIRST, requested_by="ops")
    else:
        cause = await log.append("Tick", into=cause.partition)
    await log.dispatch(SECOND, 1, cause)
    await log.succeeds_in(SECOND, 1)
    assert await log.broken() == (set() if discarded else {"ordered_jobs_take_turns"})


@pytest.mark.parametrize(("status", "broken"), [("blocked", False), ("pending", True)])
async def test_finds_a_row_that_does_not_say_that_it_waits_for_its_turn(
    log: PlantedLog, status: str, *, broken: bool
) -> None:
    for job, said in ((FIRST, "pending"), (SECOND, status)):
        await log.submit(job, ordering_key=KEY)
        await log.row(job, status=said, attempt=0)
    expected = {"rows_say_who_waits_for_its_turn"} if broken else set()
    assert await log.broken() == {"submissions_have_one_outcome"} | expected
