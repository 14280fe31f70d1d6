"""Writes events by hand onto the topics of a log, with a plain producer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from tests.kafka.history.avro_writer import committed
from tests.kafka.history.topics import PARTITIONS

POLICY: Final[dict[str, Any]] = {
    "max_attempts": 2,
    "backoff": "fixed",
    "initial_delay_ms": 20,
    "max_delay_ms": 1_000,
}
"""Retry policy of the one type that is declared."""

Headers = Iterable[tuple[str, bytes]]


class Written(NamedTuple):
    """A record that was written, and the broker's time of it."""

    partition: int
    offset: int
    timestamp: int


@dataclass
class LogWriter:
    """Writes to the topics of a namespace.

    Attributes:
        bootstrap: bootstrap servers.
        namespace: prefix of the topics' names.
        producer: a started producer.
        values: what was written to the events topic.
        ends: offset of the last record of each of its partitions.
    """

    bootstrap: str
    namespace: str
    producer: AIOKafkaProducer
    values: dict[Written, bytes] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=count)

    async def open(self) -> None:
        """Open all partitions, and declare the type that jobs have."""
        for partition in range(PARTITIONS):
            await self.open_partition(partition)

    async def open_partition(self, partition: int, **fields: object) -> None:
        """Open one partition; fields are those that say something else than usual."""
        usual: dict[str, Any] = {"log_id": "log", "partition": partition, "partitions": PARTITIONS}
        await self.append("LogOpened", into=partition, **(usual | fields))
        await self.declare(partition)

    async def open_home(self, job: str) -> int:
        """Open the partition of a job alone, and return it."""
        home = (int(murmur2(job.encode())) & 0x7FFFFFFF) % PARTITIONS
        await self.open_partition(home)
        return home

    async def declare(self, partition: int, **fields: object) -> Written:
        """Announce a job type in a partition."""
        usual: dict[str, Any] = {"version": 1, "type": "mail", "retry_policy": POLICY}
        return await self.append("TypeAnnounced", into=partition, **(usual | fields))

    async def append(
        self, name: str, job: str = "", /, *, into: int | None = None, **fields: object
    ) -> Written:
        """Append an event to the events topic, by default to the partition of its job."""
        return await self.send("events", job.encode() or None, self._event(name, job, fields), into)

    async def output(  # noqa: PLR0913 - all of them are what an output is
        self,
        suffix: str,
        name: str,
        job: str,
        cause: Written,
        /,
        *,
        place: int = 0,
        into: int | None = None,
        **fields: object,
    ) -> Written:
        """Write what a scheduler would put out because of a record of the events topic."""
        value = self._event(name, job, self._stamp(cause, place) | fields)
        partition = cause.partition if into is None else into
        return await self.send(
            suffix, job.encode() or None, value, 0 if suffix == "control" else partition
        )

    async def send(
        self,
        suffix: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Headers = (),
    ) -> Written:
        """Append any bytes to any topic."""
        topic = f"{self.namespace}.{suffix}"
        metadata = await self.producer.send_and_wait(
            topic, value, key, partition, headers=list(headers)
        )
        written = Written(metadata.partition, metadata.offset, metadata.timestamp)
        if suffix == "events":
            self.ends[written.partition] = written.offset
            self.values[written] = value or b""
        return written

    async def time_passes(self, partition: int, until: int) -> Written:
        """Append ticks until log time has come to `until`, ms; return the last of them."""
        tick = await self.append("Tick", into=partition)
        while tick.timestamp < until:
            tick = await self.append("Tick", into=partition)
        return tick

    def original(self, at: Written, key: bytes | None, value: bytes | None) -> dict[str, Any]:
        """Return a record of the events topic as a dead letter holds it."""
        return {
            "topic": f"{self.namespace}.events",
            "partition": at.partition,
            "offset": at.offset,
            "timestamp": at.timestamp,
            "key": key,
            "value": value,
        }

    def _stamp(self, cause: Written, place: int) -> dict[str, object]:
        """Return what an output has from its cause."""
        return {
            "event_id": f"{cause.partition}-{cause.offset}-{place}",
            "time": cause.timestamp,
            "cause": {
                "topic": f"{self.namespace}.events",
                "partition": cause.partition,
                "offset": cause.offset,
                "index": place,
            },
        }

    def _event(self, name: str, job: str, fields: Mapping[str, object]) -> bytes:
        head: dict[str, object] = {"event_id": f"e{next(self._ids)}", "time": 0, "job_id": job}
        version = 2 if "ordering_key" in fields else 1
        return committed(name, version=version).encode(head | dict(fields))
