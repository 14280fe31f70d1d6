"""The delay service: reads the delay topics, wakes jobs, commits what is done."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from aiokafka import ConsumerRebalanceListener, TopicPartition

from joblog.processors.delays.backlog import Bounds
from joblog.processors.delays.consumer import REVOKE_SECONDS, DelayConsumer, numbers_of
from joblog.processors.delays.errors import StopTimeoutError
from joblog.processors.delays.observer import DelaysObserver
from joblog.processors.delays.outbound import Addresses
from joblog.processors.delays.partition import MS_IN_A_SECOND, DelayPartition, Shared
from joblog.schemas.codec import Codec
from joblog.streams.errors import TopicMadeAnewError
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.kafka.admin import CheckedLog
from joblog.streams.kafka.purge import Purge
from joblog.streams.kafka.topic_watch import Found, LogIdentity, watch_topics
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

COMMIT_SECONDS: Final = 0.25

FAREWELL_SECONDS: Final = 1.0
"""Time to leave the group after a failure, so that another member need not wait for the session's end."""


class DelayService(ConsumerRebalanceListener):
    """One member of the group of delay services.

    Args:
        settings: where Kafka is, and which topics there are.
        observer: watches.
        clock: ms since the Unix epoch.
        log: the log, as it was found.

    Attributes:
        ready: whether the group has given this member its partitions.
    """

    def __init__(
        self,
        settings: Settings,
        observer: DelaysObserver,
        clock: Callable[[], int],
        log: CheckedLog,
    ) -> None:
        self.ready = False
        self._log = log
        self._settings = settings
        self._observer = observer
        self._topics = TopicMap.of(settings)
        self._publisher = KafkaPublisher(settings)
        self._consumer = DelayConsumer(settings, log.topic_ids)
        self._purge = Purge(settings)
        self._shared = Shared(
            publisher=self._publisher,
            addresses=Addresses(self._topics, Codec()),
            codec=Codec(),
            flow=self._consumer,
            clock=clock,
            observer=observer,
        )
        self._partitions: Mapping[int, DelayPartition] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._at_work: set[asyncio.Task[None]] = set()
        self._committing = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None

    def stop(self) -> None:
        """Ask it to commit what is done, leave the group, and return from `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until asked to stop.

        Raises:
            KafkaUnavailableError: no broker answers, or none lets this client in.
            PublishError: something was not acknowledged; nothing more was committed.
            KafkaError: reading or committing has failed for good.
            StopTimeoutError: it did not stop in time.
            TopicMadeAnewError: a delay topic was deleted, or made anew.
            LogGoneError: the events topic was.
        """
        try:
            await self._publisher.start()
            await self._consumer.start(self)
            await self._serve()
            await self._finish()
        except BaseException:
            await _cancel(self._background | self._at_work)
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._disconnect()
            raise

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Begin nothing more, and commit what is done; the rest is for the next owner."""
        del revoked  # a rebalance takes all
        with self._fatal(), suppress(TimeoutError):
            self.ready = False
            async with asyncio.timeout(REVOKE_SECONDS):
                await self._give_up()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin with the partitions; none of their records comes before this returns."""
        if self._stopping.is_set():
            return
        with self._fatal():
            await self._consumer.go_on(assigned)
        numbers = numbers_of(assigned)
        bounds = Bounds.of(self._settings.delays.max_waiting_records, max(1, len(numbers)))
        self._partitions = {
            number: DelayPartition(number, bounds, self._shared) for number in numbers
        }
        for number, partition in self._partitions.items():
            self._spawn(partition.run(), f"delays of partition {number}", self._at_work)
        self.ready = True

    async def _serve(self) -> None:
        self._spawn(self._read(), "read", self._background)
        self._spawn(self._commit_regularly(), "commit regularly", self._background)
        self._spawn(self._purge.run(), "purge regularly", self._background)
        self._spawn(self._watch(), "watch topics", self._background)
        await self._stopping.wait()
        await _cancel(self._background)
        self._check()

    async def _finish(self) -> None:
        seconds = self._settings.delays.shutdown_grace_ms / MS_IN_A_SECOND
        try:
            async with asyncio.timeout(seconds):
                await self._give_up()
                self._check()
                await self._disconnect()
        except TimeoutError as error:
            raise StopTimeoutError(seconds) from error

    async def _disconnect(self) -> None:
        await asyncio.gather(self._consumer.stop(), self._publisher.stop())

    async def _read(self) -> None:
        while True:
            for (tier, number), records in (await self._consumer.fetch()).items():
                self._partitions[number].add(tier, records)

    async def _watch(self) -> None:
        identity = LogIdentity(self._settings, self._log.log_id)
        names = [topic.name for topic in self._topics.delays]

        async def seen(_: object, found: Found) -> bool:
            is_sure = identity.check(found)
            for name in names:
                if name not in found or str(found[name].topic_id) != self._log.topic_ids[name]:
                    raise TopicMadeAnewError(name)
            return is_sure

        await watch_topics(self._settings, [identity.topic, *names], seen)

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            partitions = self._partitions
            self._observer.waiting(sum(partition.records for partition in partitions.values()))
            await self._commit(partitions)

    async def _give_up(self) -> None:
        partitions, self._partitions = self._partitions, {}
        for partition in partitions.values():
            partition.close()
        if self._at_work:
            await asyncio.wait(self._at_work)
        await self._commit(partitions)

    async def _commit(self, partitions: Mapping[int, DelayPartition]) -> None:
        async with self._committing:
            done = {number: partition.committable() for number, partition in partitions.items()}
            offsets = {
                (tier, number): offset
                for number, tiers in done.items()
                for tier, offset in tiers.items()
            }
            if self._failure is not None or not offsets:
                return
            if await self._consumer.commit(offsets):
                for (tier, number), offset in offsets.items():
                    at = TopicPartition(self._topics.delay(tier).name, number)
                    self._purge.committed(at, offset, self._log.topic_ids[at.topic])
                for number, tiers in done.items():
                    partitions[number].committed(tiers)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _spawn(
        self, work: Coroutine[Any, Any, None], name: str, among: "set[asyncio.Task[None]]"
    ) -> None:
        task = asyncio.create_task(work, name=name)
        among.add(task)
        task.add_done_callback(among.discard)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    @contextmanager
    def _fatal(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._stopping.set()


async def _cancel(tasks: "set[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
