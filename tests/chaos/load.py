"""What is submitted in a run: jobs at a rate, a burst, and records that are none."""

import asyncio
import os
import random
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from joblog.client import Client, Submission, Submitted
from joblog.client.errors import UnconfirmedError
from joblog.streams.errors import KafkaUnavailableError
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.chaos.plan import Plan, Rate
from tests.faults.numbers import Number

TYPES: Final = ("quick", "flaky", "quick", "blocking", "quick", "flaky", "long", "quick")
COMPUTING: Final = 40
"""Of so many jobs one runs in a process of its own: starting one takes longer than all else."""

BATCHES_A_SECOND: Final = 5
BURST_FACTOR: Final = 20
MOST_UNDER_WAY: Final = 50
"""Batches that wait for Kafka; more are not begun: a broker that is away for long is not flooded after it."""

AVRO_MARKER: Final = b"\xc3\x01"


class Load:
    """Submits, and keeps what was acknowledged.

    Args:
        settings: the log, by the client's way to it.
        plan: says how much.

    Attributes:
        acknowledged: the jobs that Kafka has acknowledged.
        unconfirmed: how many may be in the log or not.
        refused: how many were not sent since no broker answered.
        garbage: how many records that are no jobs were acknowledged.
    """

    def __init__(self, settings: Settings, plan: Plan) -> None:
        self._settings = settings
        self._plan = plan
        self._number = 0
        self._under_way: set[asyncio.Task[None]] = set()
        self._chance = random.Random(plan.seed)
        self.acknowledged: list[Submitted] = []
        self.unconfirmed = 0
        self.refused = 0
        self.garbage = 0

    async def run(self, client: Client, began: float) -> None:
        """Submit until the plan's time is over, and wait for what is under way.

        Args:
            client: submits.
            began: when the load begins, by `time.monotonic`.
        """
        rate, batch = self._plan.rate, 0
        while (seconds := batch / BATCHES_A_SECOND) < self._plan.seconds:
            await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
            if len(self._under_way) < MOST_UNDER_WAY:
                self._begin(self._jobs(client, _jobs_now(rate, seconds)))
            batch += 1
        await self.settle()

    async def garbage_too(self) -> None:
        """Write records that are none beside the jobs, for as long."""
        share = self._plan.rate.garbage
        a_second = self._plan.rate.jobs * share / (1 - share)
        events = TopicMap.of(self._settings).events
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.servers, enable_idempotence=True
        )
        await producer.start()
        try:
            for _ in range(int(a_second * self._plan.seconds)):
                partition = self._chance.randrange(events.partitions)
                value = garbage(self._chance)
                try:
                    await producer.send_and_wait(events.name, value, partition=partition)
                    self.garbage += 1
                except KafkaError:
                    self.unconfirmed += 1
                await asyncio.sleep(1 / a_second)
        finally:
            await producer.stop()

    async def submit(self, client: Client, types: Sequence[str], number: int = 0) -> None:
        """Submit a job of each type, and wait until Kafka has acknowledged them; ask again until it does."""
        await self._send(client, [Submission(type_, Number(number=number)) for type_ in types])

    async def settle(self) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    def _begin(self, sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sending)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _jobs(self, client: Client, count: int) -> None:
        submissions = []
        for _ in range(count):
            self._number += 1
            apart = self._number % COMPUTING == 0
            type_ = "computing" if apart else TYPES[self._number % len(TYPES)]
            submissions.append(Submission(type_, Number(number=self._number)))
        await self._send(client, submissions)

    async def _send(self, client: Client, submissions: Sequence[Submission]) -> None:
        try:
            self.acknowledged += await client.submit_many(submissions)
        except UnconfirmedError as error:
            self.unconfirmed += error.records
        except KafkaUnavailableError:
            self.refused += len(submissions)


def _jobs_now(rate: Rate, seconds: float) -> int:
    count = rate.jobs // BATCHES_A_SECOND
    burst = rate.burst_at is not None and rate.burst_at <= seconds < rate.burst_at + 1
    return count * BURST_FACTOR if burst else count


def garbage(chance: random.Random) -> bytes:
    """Return a value that is no event: no Avro at all, of an unknown schema, or nothing."""
    kind = chance.randrange(3)
    if kind == 0:
        return os.urandom(chance.randrange(1, 200))
    if kind == 1:
        return AVRO_MARKER + chance.randbytes(8 + chance.randrange(50))
    return b""
