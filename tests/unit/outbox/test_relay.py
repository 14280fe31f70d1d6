"""How a relay begins and ends, on a database and a log that do what the test says."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from joblog.client.connection import Connection
from joblog.outbox.database import Database
from joblog.outbox.errors import DatabaseUnavailableError, RelayNotStoppedError
from joblog.outbox.relay import relay as relay_module
from joblog.outbox.relay.metrics import RelayMetrics
from joblog.outbox.relay.relay import Relay
from joblog.outbox.relay.steps import RelayStep
from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.records import Outbound, Position
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from tests.unit.outbox.made import records_of, waiting

DAY_MS = 86_400_000
SETTINGS = Settings(outbox={"poll_interval_ms": DAY_MS, "shutdown_grace_ms": 50})


class Table:
    """Stands in for the database: has entries, and notes how its transactions end."""

    def __init__(self, entries: int, failure: Exception | None = None) -> None:
        self.entries = {position: waiting(position) for position in range(entries)}
        self.ends: list[str] = []
        self.counts_left = 1_000_000
        self.looked_at: list[int] = []
        self._failure = failure

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            self.ends.append("rolled back")
            raise
        self.ends.append("committed")

    async def execute(self, statement: str, *arguments: Any) -> None:  # noqa: ANN401 - as asyncpg's
        assert statement.startswith("DELETE")
        for position in arguments[0]:
            del self.entries[position]

    async def fetch(
        self,
        statement: str,
        *arguments: Any,  # noqa: ANN401 - as above
        seconds: float = 30.0,
    ) -> list[tuple[Any, ...]]:
        if self._failure is not None:
            raise self._failure
        if "FOR UPDATE" in statement:
            return [(position, 1) for position in list(self.entries)[: arguments[0]]]
        if "count(*)" in statement:
            self.looked_at.append(len(self.entries))
            if len(self.looked_at) > self.counts_left:
                raise DatabaseUnavailableError("db/shop", f"TimeoutError after {seconds:g} s")
            return [(len(self.entries), None, 0)]
        return [self.entries[position] for position in arguments[0]]


class Log:
    """Stands in for the log: acknowledges at once, or never."""

    limits = None

    def __init__(self, *, answers: bool = True) -> None:
        self.sent: list[Outbound] = []
        self._answers = answers

    async def schemas(self) -> Mapping[bytes, AvroSchema]:
        return {}

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        self.sent += records
        if not self._answers:
            await asyncio.Event().wait()
        return [Position(record.partition, 0) for record in records]


class Steps:
    """Notes the steps, and tells when one is reached."""

    def __init__(self) -> None:
        self.seen: list[RelayStep] = []
        self.news = asyncio.Event()

    def __call__(self, step: RelayStep) -> None:
        self.seen.append(step)
        self.news.set()


def relay_on(
    table: Table,
    log: Log,
    steps: Steps,
    settings: Settings = SETTINGS,
    metrics: Metrics | None = None,
) -> Relay:
    return Relay(
        settings,
        cast("Database", table),
        cast("Connection", log),
        records_of(settings),
        metrics=RelayMetrics(metrics or Metrics()),
        reached=steps,
    )


async def test_it_publishes_what_there_is_and_ends_at_once_when_asked() -> None:
    table, log, steps = Table(3), Log(), Steps()
    relay = relay_on(table, log, steps)
    running = asyncio.create_task(relay.run())
    while RelayStep.COMMITTED not in steps.seen:
        await steps.news.wait()
        steps.news.clear()
    await asyncio.sleep(0)
    assert relay.ready
    relay.stop()
    await running
    assert steps.seen == list(RelayStep)
    assert len(log.sent) == 1 + 3
    assert table.entries == {}
    assert table.ends == ["committed"]


async def test_full_batches_follow_each_other_without_a_pause() -> None:
    outbox = SETTINGS.outbox.model_copy(update={"batch_entries": 2})
    table, log, steps = Table(5), Log(), Steps()
    relay = relay_on(table, log, steps, SETTINGS.model_copy(update={"outbox": outbox}))
    running = asyncio.create_task(relay.run())
    while table.entries:
        await steps.news.wait()
        steps.news.clear()
    relay.stop()
    await running
    assert table.ends == ["committed"] * 3


async def test_a_count_that_times_out_stops_nothing_and_leaves_the_last_figures(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(relay_module, "LOOK_SECONDS", 0.0)
    outbox = SETTINGS.outbox.model_copy(update={"batch_entries": 2})
    settings = SETTINGS.model_copy(update={"outbox": outbox})
    table, log, steps, metrics = Table(7), Log(), Steps(), Metrics()
    table.counts_left = 1
    relay = relay_on(table, log, steps, settings, metrics)
    running = asyncio.create_task(relay.run())
    while table.entries:
        await steps.news.wait()
        steps.news.clear()
    relay.stop()
    await running
    assert len(log.sent) == 1 + 7
    assert table.looked_at == [5, 3, 1, 0]
    shown = metrics.registry.get_sample_value("joblog_outbox_entries", {"state": "waiting"})
    assert shown == 5
    assert "was not counted, its metrics stay as they were" in caplog.text
    assert "TimeoutError after 3 s" in caplog.text


async def test_a_batch_that_does_not_end_in_time_is_rolled_back() -> None:
    table, log, steps = Table(1), Log(answers=False), Steps()
    relay = relay_on(table, log, steps)
    running = asyncio.create_task(relay.run())
    await steps.news.wait()
    relay.stop()
    with pytest.raises(RelayNotStoppedError, match=r"within 0\.05 s"):
        await running
    assert table.ends == ["rolled back"]
    assert len(table.entries) == 1


async def test_a_failure_of_the_database_ends_it() -> None:
    table = Table(1, DatabaseUnavailableError("db/shop", "no answer"))
    relay = relay_on(table, Log(), Steps())
    with pytest.raises(DatabaseUnavailableError):
        await relay.run()
    assert not relay.ready
