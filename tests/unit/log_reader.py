"""Topics in memory, read as `LogReader` reads them."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Self

from aiokafka import ConsumerRecord, TopicPartition

from joblog.streams.errors import TopicMissingError
from joblog.streams.kafka.inbound import inbound
from joblog.streams.records import Inbound, Outbound, Position
from joblog.streams.settings import Settings

FETCHED = 2

Record = ConsumerRecord[Any, Any]


class FakeTopics:
    """Makes readers of what was put, in place of `LogReader`; takes what is published.

    Attributes:
        cut: offsets below which a partition has nothing.
    """

    def __init__(self) -> None:
        self.cut: dict[TopicPartition, int] = {}
        self._records: dict[TopicPartition, list[Record | None]] = {}

    def put(
        self,
        at: TopicPartition,
        value: bytes | None,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
    ) -> int:
        """Append a record and return its offset."""
        log = self._records.setdefault(at, [])
        record: Record = ConsumerRecord(
            at.topic,
            at.partition,
            len(log),
            1_000 + len(log),
            1,
            key,
            value,
            0,
            -1,
            -1,
            (*headers,),  # type: ignore[arg-type]  # aiokafka's hint forgets null
        )
        log.append(record)
        return record.offset

    def put_marker(self, at: TopicPartition) -> None:
        """Append the marker of a transaction, which has an offset and is no record."""
        self._records.setdefault(at, []).append(None)

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        return [
            Position(
                record.partition,
                self.put(
                    TopicPartition(record.topic, record.partition),
                    record.value,
                    record.key,
                    record.headers,
                ),
            )
            for record in records
        ]

    def __call__(self, _: Settings) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def starts(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {at: self.cut.get(at, 0) for at in partitions}

    async def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {at: len(self._records.get(at, ())) for at in partitions}

    async def read(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Sequence[Record]]:
        topics = {at.topic for at in self._records}
        for at, start in starts.items():
            if at.topic not in topics:
                raise TopicMissingError(at.topic)
            log = self._records.get(at, [])
            for i in range(max(start, self.cut.get(at, 0)), len(log), FETCHED):
                yield [record for record in log[i : i + FETCHED] if record is not None]

    async def record(self, at: TopicPartition, offset: int) -> Inbound | None:
        found = self._records[at][offset] if offset >= self.cut.get(at, 0) else None
        return None if found is None else inbound(found)
