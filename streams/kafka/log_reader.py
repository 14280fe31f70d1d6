"""Reads partitions of any topics, without a group, from where one likes to their present ends."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from joblog.streams.kafka.client import client_options, connect, unavailable
from joblog.streams.kafka.inbound import inbound
from joblog.streams.kafka.topic_metadata import refuse_missing
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings

FETCH_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one partition in a fetch."""

POLL_MS: Final = 500

Offsets = Mapping[TopicPartition, int]
Records = Sequence["ConsumerRecord[Any, Any]"]


class LogReader:
    """Reads what is there now and then stops. Use it as an async context manager.

    Args:
        settings: where Kafka is.

    Raises:
        KafkaUnavailableError: in each of its methods: Kafka did not answer, or not as it has to.
        AccessDeniedError: as above: this client may not read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer = AIOKafkaConsumer(
            **client_options(settings),
            isolation_level="read_committed",
            auto_offset_reset="earliest",  # a purge may overtake a reader of a topic that is purged
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
        """
        await connect(self._consumer, self._settings)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def starts(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offset that each partition still has.

        Raises:
            TopicMissingError: a topic does not exist.
        """
        asked = await self._existing(partitions)
        with self._answering():
            return dict(await self._consumer.beginning_offsets(asked))

    async def ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offset after the last record of each partition.

        Raises:
            TopicMissingError: a topic does not exist.
        """
        asked = await self._existing(partitions)
        with self._answering():
            return dict(await self._consumer.end_offsets(asked))

    async def since(
        self, partitions: Iterable[TopicPartition], time_ms: int
    ) -> dict[TopicPartition, int]:
        """Return the first offset at or after a log time (ms since the Unix epoch), else the end.

        Raises:
            TopicMissingError: a topic does not exist.
        """
        asked = await self._existing(partitions)
        with self._answering():
            found = await self._consumer.offsets_for_times(dict.fromkeys(asked, time_ms))
            ends = await self._consumer.end_offsets(asked)
        return {at: ends[at] if (hit := found[at]) is None else hit.offset for at in asked}

    async def read(self, starts: Offsets) -> AsyncIterator[Records]:
        """Yield the records from the starts (included) to the ends that the partitions have now.

        Raises:
            TopicMissingError: a topic does not exist.
        """
        ends = await self.ends(starts)
        unread = [at for at, start in starts.items() if start < ends[at]]
        self._consumer.assign(unread)
        for at in unread:
            self._consumer.seek(at, starts[at])
        while unread:
            with self._answering():
                fetched = await self._consumer.getmany(*unread, timeout_ms=POLL_MS)
            for at, records in fetched.items():
                yield [record for record in records if record.offset < ends[at]]
            with self._answering():
                unread = [at for at in unread if await self._consumer.position(at) < ends[at]]

    async def record(self, at: TopicPartition, offset: int) -> Inbound | None:
        """Return the record at an offset, None where it is no longer or not yet there.

        Raises:
            TopicMissingError: the topic does not exist.
        """
        await self._existing([at])
        with self._answering():
            first = (await self._consumer.beginning_offsets([at]))[at]
            end = (await self._consumer.end_offsets([at]))[at]
        if not first <= offset < end:
            return None
        self._consumer.assign([at])
        self._consumer.seek(at, offset)
        with self._answering():
            while await self._consumer.position(at) <= offset:
                fetched = await self._consumer.getmany(at, timeout_ms=POLL_MS, max_records=1)
                for record in fetched.get(at, ()):
                    return inbound(record) if record.offset == offset else None
        return None

    async def _existing(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        asked = list(partitions)
        with self._answering():
            await refuse_missing(self._consumer, sorted({topic for topic, _ in asked}))
        return asked

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Say what it means where Kafka fails this client; what others do beside it says that itself."""
        try:
            yield
        except KafkaError as error:
            raise unavailable(self._settings.bootstrap_servers, error) from error
