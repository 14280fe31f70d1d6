"""Reports are published in order, many at once, and nobody hears of them before they are acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from joblog.processors.worker.errors import PublishingEndedError
from joblog.processors.worker.reporter import MOST_HELD, MOST_IN_VAIN, Reporter
from joblog.streams.errors import PublishError
from joblog.streams.records import Outbound
from tests.unit.worker.fakes import FakePublisher

SECONDS = 10.0
NEVER = 3_600.0
TURNS = 10
"""Of the event loop: more than a report takes to be published."""


def record(number: int) -> Outbound:
    return Outbound("t.events", 0, b"k", b"%d" % number, [])


class Reporting:
    def __init__(self, pace: float = 0.0) -> None:
        self.publisher = FakePublisher()
        self.reporter = Reporter(self.publisher, pace, alone=NEVER)
        self.running = asyncio.create_task(self.reporter.run())
        self.acknowledged: list[int] = []

    def add(self, number: int) -> None:
        self.reporter.add(record(number), lambda: self.acknowledged.append(number))

    async def turns(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)


@asynccontextmanager
async def reporting_at(pace: float) -> AsyncIterator[Reporting]:
    made = Reporting(pace)
    async with asyncio.timeout(SECONDS):
        yield made
    made.running.cancel()
    await asyncio.wait([made.running])


@pytest.fixture
async def reporting() -> AsyncIterator[Reporting]:
    async with reporting_at(0.0) as made:
        yield made


async def test_what_comes_while_a_call_is_under_way_goes_out_together(reporting: Reporting) -> None:
    reporting.publisher.acknowledging.clear()
    reporting.add(0)
    await reporting.publisher.called.wait()
    for number in range(1, 5):
        reporting.add(number)
    assert reporting.acknowledged == []
    reporting.publisher.acknowledging.set()
    await reporting.reporter.flush()
    assert reporting.acknowledged == [0, 1, 2, 3, 4]
    assert reporting.publisher.calls == [[record(0)], [record(n) for n in range(1, 5)]]


async def test_a_flush_waits_for_what_was_there_when_it_began(reporting: Reporting) -> None:
    await reporting.reporter.flush()
    reporting.publisher.acknowledging.clear()
    reporting.add(0)
    first = asyncio.create_task(reporting.reporter.flush())
    await reporting.publisher.called.wait()
    reporting.add(1)
    second = asyncio.create_task(reporting.reporter.flush())
    assert not first.done()
    reporting.publisher.acknowledging.set()
    await first
    assert 0 in reporting.acknowledged
    await second
    assert reporting.acknowledged == [0, 1]


async def test_after_a_failure_nothing_is_acknowledged_and_everybody_is_told(
    reporting: Reporting,
) -> None:
    reporting.publisher.failing = True
    reporting.publisher.acknowledging.clear()
    reporting.add(0)
    flushing = asyncio.create_task(reporting.reporter.flush())
    await reporting.publisher.called.wait()
    reporting.reporter.check()
    reporting.publisher.acknowledging.set()
    with pytest.raises(PublishError):
        await reporting.running
    with pytest.raises(PublishingEndedError):
        await flushing
    with pytest.raises(PublishingEndedError):
        await reporting.reporter.flush()
    with pytest.raises(PublishingEndedError):
        reporting.reporter.check()
    assert reporting.acknowledged == []


async def test_a_report_that_follows_nothing_goes_at_once_and_others_wait_for_each_other() -> None:
    async with reporting_at(NEVER) as reporting:
        reporting.add(0)
        await reporting.turns()
        assert reporting.acknowledged == [0]
        for number in (1, 2):
            reporting.add(number)
            await reporting.turns()
        assert reporting.acknowledged == [0]
        await reporting.reporter.flush()
        assert reporting.publisher.calls == [[record(0)], [record(1), record(2)]]


async def test_after_two_that_have_waited_in_vain_reports_wait_for_nothing() -> None:
    async with reporting_at(0.1) as reporting:
        for number in range(1 + MOST_IN_VAIN):
            reporting.publisher.called.clear()
            reporting.add(number)
            await reporting.publisher.called.wait()
        for number in range(1 + MOST_IN_VAIN, 6):
            await reporting.turns()
            reporting.add(number)
            await reporting.turns()
            assert reporting.acknowledged[-1] == number


async def test_what_waits_goes_when_its_time_has_come() -> None:
    async with reporting_at(0.001) as reporting:
        for number in range(3):
            reporting.publisher.called.clear()
            reporting.add(number)
            await reporting.publisher.called.wait()
        assert reporting.publisher.calls == [[record(number)] for number in range(3)]


async def test_so_many_reports_wait_and_no_more() -> None:
    async with reporting_at(NEVER) as reporting:
        reporting.add(0)
        await reporting.turns()
        for number in range(1, MOST_HELD + 1):
            assert reporting.acknowledged == [0]
            reporting.add(number)
        await reporting.turns()
        assert reporting.acknowledged == list(range(MOST_HELD + 1))
