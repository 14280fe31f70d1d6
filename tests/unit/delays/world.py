"""Delay topics in memory, a delay service that reads them, and the scheduler's gate, in virtual time."""

from collections import Counter
from typing import NamedTuple

from joblog.lifecycle.delays import TIERS, Tier, tier_for
from joblog.lifecycle.stamps import Stamps
from joblog.processors.delays.backlog import Bounds
from joblog.processors.delays.outbound import Addresses
from joblog.processors.delays.records import read
from joblog.processors.delays.steps import Hop
from joblog.processors.delays.waiting import Waiting
from joblog.schemas.codec import Codec
from joblog.schemas.models import DelayElapsed, JobDeferred
from joblog.streams.memory.clock import VirtualClock
from joblog.streams.memory.log import MemoryLog
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

PARTITION = 0
LIMIT = 100
BOUNDS = Bounds(held=1_000, read_ahead=200)
TOPICS = TopicMap.of(Settings(namespace="t", partitions=1))
CODEC = Codec()
SUBMISSION = b"a submission"


class Fired(NamedTuple):
    """A wake-up that the gate let through."""

    job_id: str
    due: int
    log_time: int


class World:
    """One partition of everything.

    Args:
        broker_ahead: how far the broker's clock is ahead of the delay service's, in ms.
        bounds: how much the service has in memory.
    """

    def __init__(self, broker_ahead: int = 0, bounds: Bounds = BOUNDS) -> None:
        self.clock = VirtualClock()
        self.log = MemoryLog(TOPICS, lambda: self.clock() + broker_ahead)
        self.addresses = Addresses(TOPICS, CODEC)
        self.fired: list[Fired] = []
        self.wake_ups = 0
        self.hops: Counter[str] = Counter()
        self.most_in_memory = 0
        self.committed: dict[Tier, int] = dict.fromkeys(TIERS, 0)
        self._broker_ahead = broker_ahead
        self._bounds = bounds
        self._folded = 0
        self.crash()

    @property
    def log_time(self) -> int:
        return self.clock() + self._broker_ahead

    def defer(self, job_id: str, due: int, decided_at: int | None = None) -> None:
        """Do as the scheduler does with a submission."""
        submission = self.log.append(TOPICS.events.name, job_id.encode(), SUBMISSION)
        decided_at = decided_at or self.log_time
        stamps = Stamps(TOPICS.events.name, PARTITION, submission.offset, decided_at)
        self._defer(JobDeferred(**stamps.next(), job_id=job_id, due=due))

    def crash(self) -> None:
        """Forget all that is not committed."""
        self.waiting = Waiting(self._bounds)
        self._positions = dict(self.committed)

    def commit(self) -> None:
        offsets = self.waiting.committable()
        self.waiting.committed(offsets)
        self.committed |= offsets

    def read(self) -> bool:
        """Read a batch of each tier that is not full; return whether there was anything."""
        before = dict(self._positions)
        for tier in TIERS:
            if self.waiting.is_full(tier):
                continue
            records = self.log.read(TOPICS.delay(tier).name, PARTITION, self._positions[tier])
            for record in records[:LIMIT]:
                self.waiting.add(tier, read(record, CODEC), self.clock())
                self._positions[tier] = record.offset + 1
        self.most_in_memory = max(self.most_in_memory, self.waiting.records)
        return before != self._positions

    def act(self, acknowledged: int | None = None) -> bool:
        """Publish what is due; only so many are acknowledged before a crash. Return whether there was any."""
        steps = self.waiting.take(self.clock(), LIMIT)
        for step in steps[:acknowledged]:
            outbound = self.addresses.outbound(step)
            offset = self._append(outbound)
            self.waiting.done(step, offset, self.clock())
            if isinstance(step, Hop):
                self.hops[(outbound.key or b"").decode()] += 1
        self._gate()
        return bool(steps)

    def run(self) -> None:
        """Let time pass until nothing waits any more."""
        while True:
            while self.read() | self.act():
                self.commit()
            moment = self.waiting.next_at()
            if moment is None:
                return
            self.clock.advance(max(1, moment - self.clock()))

    def _gate(self) -> None:
        for record in self.log.read(TOPICS.events.name, PARTITION, self._folded):
            self._folded = record.offset + 1
            if record.value == SUBMISSION:
                continue
            event = CODEC.decode(record.value or b"")
            assert isinstance(event, DelayElapsed)
            self.wake_ups += 1
            if record.timestamp >= event.due:
                self.fired.append(Fired(event.job_id, event.due, record.timestamp))
            else:
                stamps = Stamps(record.topic, record.partition, record.offset, record.timestamp)
                self._defer(JobDeferred(**stamps.next(), job_id=event.job_id, due=event.due))

    def _defer(self, event: JobDeferred) -> None:
        topic = TOPICS.delay(tier_for(event.due - event.time)).name
        self._append(Outbound(topic, PARTITION, event.key, CODEC.encode(event), []))

    def _append(self, outbound: Outbound) -> int:
        topic, partition, key, value, headers = outbound
        return self.log.append(topic, key, value, headers, partition).offset
