"""Stands in for the broker: what was published and committed, and when it is acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.observer import Unobserved
from joblog.schemas.models import Event
from joblog.streams.errors import PublishError
from joblog.streams.records import Outbound, Position
from tests.unit.worker.making import decoded


class FakePublisher:
    """Acknowledges at once, or when it is told to."""

    def __init__(self) -> None:
        self.calls: list[list[Outbound]] = []
        self.called = asyncio.Event()
        self.acknowledging = asyncio.Event()
        self.acknowledging.set()
        self.failing = False

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        self.calls.append(list(records))
        self.called.set()
        await self.acknowledging.wait()
        if self.failing:
            raise PublishError(["t.events"], len(records), "broken")
        return [Position(record.partition, 0) for record in records]

    @property
    def events(self) -> list[Event]:
        return [decoded(record) for call in self.calls for record in call]

    @property
    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


class FakeMembership:
    """Commits at once, or when it is told to; or refuses."""

    def __init__(self) -> None:
        self.commits: list[dict[TopicPartition, OffsetAndMetadata]] = []
        self.asked = asyncio.Event()
        self.accepting = asyncio.Event()
        self.accepting.set()
        self.refusal: Exception | None = None

    async def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        self.commits.append(dict(offsets))
        self.asked.set()
        await self.accepting.wait()
        if self.refusal is not None:
            raise self.refusal


class Counting(Unobserved):
    """An observer that counts."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def attempt_began(self, type_: str) -> None:
        self.seen[f"began {type_}"] += 1

    def attempt_ended(self, type_: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.seen[f"ended {type_} {outcome}"] += 1

    def attempt_not_begun(self, type_: str, outcome: str) -> None:
        self.seen[f"not begun {type_} {outcome}"] += 1

    def attempt_lost(self, type_: str) -> None:
        self.seen[f"lost {type_}"] += 1

    def dispatch_repeated(self) -> None:
        self.seen["repeated"] += 1

    def dead_lettered(self, reason: str) -> None:
        self.seen[f"dead letter {reason}"] += 1

    def claimed(self, attempts: int, seconds: float) -> None:
        assert seconds >= 0
        self.seen["claimed"] += attempts
