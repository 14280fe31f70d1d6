"""Reports are published in order, many at once, and nobody hears of them before they are acknowledged."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from joblog.processors.worker.errors import PublishingEndedError
from joblog.processors.worker.reporter import Reporter
from joblog.streams.errors import PublishError
from joblog.streams.records import Outbound
from tests.unit.worker.fakes import FakePublisher

SECONDS = 10.0


def record(number: int) -> Outbound:
    return Outbound("t.events", 0, b"k", b"%d" % number, [])


class Reporting:
    def __init__(self) -> None:
        self.publisher = FakePublisher()
        self.reporter = Reporter(self.publisher)
        self.running = asyncio.create_task(self.reporter.run())
        self.acknowledged: list[int] = []

    def add(self, number: int) -> None:
        self.reporter.add(record(number), lambda: self.acknowledged.append(number))


@pytest.fixture
async def reporting() -> AsyncIterator[Reporting]:
    made = Reporting()
    async with asyncio.timeout(SECONDS):
        yield made
    made.running.cancel()
    await asyncio.wait([made.running])


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
