"""The one writer of a partition's changelog: transactions that a former owner cannot finish."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder

from joblog.streams.store.abc import CommitStep, Reached
from joblog.streams.store.changelog import Changelog, Tail, Tails
from joblog.streams.store.changes import Record
from joblog.streams.store.errors import FencedError, StoreFailedError

TRANSACTION_TIMEOUT_MS: Final = 60_000
"""Kafka aborts a transaction that is open for longer; to wait for its end would be in vain."""

TRANSACTION_TIMEOUT_S: Final = TRANSACTION_TIMEOUT_MS / 1_000

NO_TIMESTAMP: Final = -1
"""Kafka's answer where a topic keeps the create time."""


class ChangelogWriter:
    """Writes to one partition of the changelog topics, each time all or nothing (KIP-98).

    Args:
        client: aiokafka's connection options.
        changelog: what it writes.
        reached: told the steps of a transaction.
    """

    def __init__(self, client: Mapping[str, Any], changelog: Changelog, reached: Reached) -> None:
        self._changelog = changelog
        self._reached = reached
        self._producer = AIOKafkaProducer(
            **client,
            transactional_id=changelog.writer,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_batch_size=changelog.batch_bytes,
        )

    async def start(self) -> None:
        """Fence the former owner: its open transaction is aborted, its next write refused.

        What it had decided to commit is committed and readable when this returns.
        """
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect; an open transaction is left for the next owner to abort.

        Raises:
            TimeoutError: Kafka does not take what was sent before.
        """
        async with asyncio.timeout(TRANSACTION_TIMEOUT_S):
            await self._producer.stop()

    async def write(self, records: Mapping[str, Sequence[Record]], now: int, tails: Tails) -> Tails:
        """Write records by topic in one transaction.

        Args:
            records: at least one for each topic.
            now: their create time, ms since the Unix epoch.
            tails: the last records before them.

        Returns:
            The new tails of the topics written to.

        Raises:
            FencedError: another writer has taken over.
            StoreFailedError: Kafka does not answer, or a topic was made again under this writer.
        """
        partition = self._changelog.partition
        try:
            async with asyncio.timeout(TRANSACTION_TIMEOUT_S):
                written = await self._transact(records, now, tails)
        except ProducerFenced as error:
            raise FencedError(partition, self._changelog.writer) from error
        except TimeoutError as error:
            reason = f"the transaction did not end within {TRANSACTION_TIMEOUT_S:g} s"
            raise StoreFailedError(partition, reason) from error
        self._reached(CommitStep.TRANSACTION_COMMITTED)
        return written

    async def _transact(
        self, records: Mapping[str, Sequence[Record]], now: int, tails: Tails
    ) -> Tails:
        await self._producer.begin_transaction()
        self._reached(CommitStep.TRANSACTION_BEGUN)
        sent = await asyncio.gather(
            *(self._send(topic, batch, now) for topic, batch in records.items())
        )
        written = dict(zip(records, sent, strict=True))
        self._check_growth(tails, written)
        self._reached(CommitStep.RECORDS_SENT)
        await self._producer.commit_transaction()
        return written

    async def _send(self, topic: str, records: Sequence[Record], now: int) -> Tail:
        batches = self._batches(records, now)
        sent: list[asyncio.Future[Any]] = []
        for batch in batches:
            acknowledgement = await self._producer.send_batch(
                batch, topic, partition=self._changelog.partition
            )
            acknowledgement.add_done_callback(_see)
            sent.append(acknowledgement)
        metadata = [await acknowledgement for acknowledgement in sent][-1]
        offset = metadata.offset + batches[-1].record_count() - 1
        timestamp = now if metadata.timestamp == NO_TIMESTAMP else metadata.timestamp
        return Tail.at(offset, timestamp, *records[-1])

    def _batches(self, records: Sequence[Record], now: int) -> list[BatchBuilder]:
        batches = [self._producer.create_batch()]
        for key, value in records:
            if batches[-1].append(timestamp=now, key=key, value=value) is None:
                batches.append(self._producer.create_batch())
                batches[-1].append(timestamp=now, key=key, value=value)
        return batches

    def _check_growth(self, tails: Tails, written: Tails) -> None:
        for topic, tail in written.items():
            known = tails.get(topic)
            if known is not None and tail.offset <= known.offset:
                raise StoreFailedError(
                    self._changelog.partition,
                    f"{topic} took a record at offset {tail.offset} though it had one at {known.offset}: "
                    "was it deleted and made again? Its rows are then lost; rebuild it by replay",
                )


def _see(acknowledgement: asyncio.Future[Any]) -> None:
    """Keep asyncio from reporting failures one by one that are reported as one."""
    if not acknowledgement.cancelled():
        acknowledgement.exception()
