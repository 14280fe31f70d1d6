"""The delay service's own rules in memory: they wake a job when it is due, not a millisecond later."""

from collections.abc import Callable
from typing import Final

from joblog.lifecycle.delays import TIERS
from joblog.processors.delays.backlog import Bounds
from joblog.processors.delays.outbound import Addresses
from joblog.processors.delays.records import read
from joblog.processors.delays.steps import Step
from joblog.processors.delays.waiting import Waiting
from joblog.schemas.codec import Codec
from joblog.streams.abc import Publisher
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

STEPS_AT_ONCE: Final = 500


class MemoryDelays:
    """What waits in the delay topics.

    Args:
        settings: the topics, and how much waits for its due time alone.
        publisher: writes what follows.
        clock: ms since the Unix epoch.
    """

    def __init__(self, settings: Settings, publisher: Publisher, clock: Callable[[], int]) -> None:
        topics = TopicMap.of(settings)
        self._publisher = publisher
        self._clock = clock
        self._codec = Codec()
        self._addresses = Addresses(topics, self._codec)
        self._tiers = {topics.delay(tier).name: tier for tier in TIERS}
        bounds = Bounds.of(settings.delays.max_waiting_records, settings.partitions)
        self._waiting = [Waiting(bounds) for _ in range(settings.partitions)]

    def add(self, record: Inbound) -> None:
        """Take in a record of a delay topic."""
        item = read(record, self._codec)
        self._waiting[record.partition].add(self._tiers[record.topic], item, self._clock())

    def next_at(self) -> int | None:
        """Return when the next step is due, in ms; None where nothing waits."""
        moments = (waiting.next_at() for waiting in self._waiting)
        return min((moment for moment in moments if moment is not None), default=None)

    async def step(self) -> None:
        """Do what is due: wake jobs, and pass records on to the next tier."""
        for waiting in self._waiting:
            while steps := waiting.take(self._clock(), STEPS_AT_ONCE):
                await self._carry_out(waiting, steps)

    async def _carry_out(self, waiting: Waiting, due: list[Step]) -> None:
        steps = [self._addresses.possible(step) for step in due]
        records = [self._addresses.outbound(step) for step in steps]
        positions = await self._publisher.publish(records)
        for step, position in zip(steps, positions, strict=True):
            waiting.done(step, position.offset, self._clock())
