"""A worker runs what was dispatched and reports how it ended, to the right partition."""

from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.models import (
    AttemptFailed,
    AttemptHeartbeat,
    AttemptReleased,
    AttemptStarted,
    AttemptSucceeded,
)
from joblog.schemas.models.envelope import AttemptEvent
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from tests.kafka.running import eventually
from tests.kafka.worker.conftest import StartProcess
from tests.kafka.worker.running import Feeder, Follower, Ledger, committed


async def test_every_attempt_is_run_once_and_reported_to_the_partition_of_its_job(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    jobs = [
        *await feeder.jobs("note", 100, "async"),
        *await feeder.jobs("note.thread", 50, "thread"),
        *await feeder.jobs("note.process", 20, "process"),
    ]
    process = await start_process()
    await events.until(lambda: len(events.of(AttemptSucceeded)) >= len(jobs))
    assert sorted(events.jobs(AttemptSucceeded)) == sorted(jobs)
    assert sorted(ledger.jobs("ran")) == sorted(jobs)
    for record, event in zip(events.records, events.events, strict=True):
        if isinstance(event, AttemptEvent):
            assert record.key == event.key
            assert record.partition == partition_of(event.key, settings.partitions)
    pids = {line.pid for line in ledger.lines if line.job_id.startswith("process")}
    assert process.process.pid not in pids
    assert await process.stop() == 0
    found = await committed(settings)
    assert sum(offset for offset, _ in found.values()) == len(jobs)
    assert all(claim.states == b"" for _, claim in found.values())


async def test_how_attempts_can_end(
    feeder: Feeder, events: Follower, start_process: StartProcess
) -> None:
    await feeder.feed(
        [
            feeder.dispatch("fail", "fails"),
            feeder.dispatch("fatal", "is fatal"),
            feeder.dispatch("later", "later"),
            feeder.dispatch("segfault", "segfaults"),
            feeder.dispatch("gate", "times out", timeout_ms=100),
            feeder.dispatch("gate.thread", "times out in a thread", timeout_ms=100),
            feeder.dispatch("gate.process", "times out in a process", timeout_ms=100),
            feeder.dispatch("nobody has this", "has no handler"),
            feeder.dispatch("note", "is no avro", payload=b"\x01"),
            feeder.dispatch("note", "has no schema", payload_schema=b"12345678"),
            feeder.dispatch("note", "is no avro by its type", payload_content_type="text/plain"),
            feeder.dispatch("note", "is late", deadline=now_ms() - 1),
        ]
    )
    await start_process()
    await events.until(lambda: len(events.of(AttemptFailed)) >= 11 and events.of(AttemptReleased))
    failed = {
        event.job_id: (event.failure.kind, event.failure.retryable, event.retry_after_ms)
        for event in events.of(AttemptFailed)
    }
    assert failed == {
        "fails": ("error", True, None),
        "is fatal": ("error", False, None),
        "later": ("error", True, 60_000),
        "segfaults": ("process_died", True, None),
        "times out": ("timeout", True, None),
        "times out in a thread": ("timeout", True, None),
        "times out in a process": ("timeout", True, None),
        "has no handler": ("unknown_type", True, None),
        "is no avro": ("payload_rejected", False, None),
        "has no schema": ("payload_rejected", False, None),
        "is no avro by its type": ("payload_rejected", False, None),
    }
    [released] = events.of(AttemptReleased)
    assert (released.job_id, released.reason) == ("is late", "deadline")


async def test_a_long_attempt_gives_signs_of_life_and_its_offset_is_released(
    settings: Settings,
    feeder: Feeder,
    events: Follower,
    ledger: Ledger,
    start_process: StartProcess,
) -> None:
    await start_process(
        JOBLOG_WORKER__STARTED_AFTER_MS="300",
        JOBLOG_WORKER__HEARTBEAT_MS="200",
        JOBLOG_WORKER__LEASE_MS="900",
    )
    await feeder.feed([feeder.dispatch("gate.process", "long")])
    await events.until(lambda: any(beat.progress for beat in events.of(AttemptHeartbeat)))
    [started] = events.of(AttemptStarted)
    assert started.lease_ms == 900
    assert started.started_at <= started.time - 300
    told = next(beat for beat in events.of(AttemptHeartbeat) if beat.progress)
    assert (told.message, told.lease_ms) == ("at the gate", 900)

    async def released() -> bool:
        return any(offset == 1 for offset, _ in (await committed(settings)).values())

    await eventually(released)
    ledger.open_gate()
    await events.until(lambda: events.of(AttemptSucceeded))


async def test_a_segfault_costs_only_its_own_attempt(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    process = await start_process()
    await feeder.feed([feeder.dispatch("gate.process", "neighbour")])
    await ledger.has("began", 1)
    await feeder.jobs("segfault", 10, "segfault")
    await events.until(lambda: len(events.of(AttemptFailed)) == 10)
    ledger.open_gate()
    await events.until(lambda: events.of(AttemptSucceeded))
    assert events.jobs(AttemptSucceeded) == ["neighbour"]
    assert await process.stop() == 0


async def test_an_isolated_attempt_that_kills_its_process_fails_and_the_others_succeed(
    feeder: Feeder, events: Follower, ledger: Ledger, start_process: StartProcess
) -> None:
    process = await start_process()
    await feeder.jobs("note", 15, "before", isolated=True)
    await feeder.feed([feeder.dispatch("kill", "guilty", isolated=True)])
    await feeder.jobs("note", 15, "after", isolated=True)
    await events.until(lambda: len(events.of(AttemptSucceeded)) == 30 and events.of(AttemptFailed))
    [failed] = events.of(AttemptFailed)
    assert (failed.job_id, failed.failure.kind) == ("guilty", "process_died")
    assert "SIGKILL" in failed.failure.message
    assert process.process.pid not in {line.pid for line in ledger.lines}
    assert await process.stop() == 0
