"""Carries out the steps of one partition number, while this process owns it in the group."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from joblog.lifecycle.delays import Tier
from joblog.processors.delays.backlog import Bounds
from joblog.processors.delays.observer import DelaysObserver
from joblog.processors.delays.outbound import Addresses
from joblog.processors.delays.records import read
from joblog.processors.delays.steps import DeadLetter, Hop, Step, Wake
from joblog.processors.delays.waiting import Waiting
from joblog.schemas.codec import Codec
from joblog.streams.abc import Publisher
from joblog.streams.records import Inbound

STEPS_AT_ONCE: Final = 100
"""Records in one call of the publisher."""

MS_IN_A_SECOND: Final = 1_000
SHORTEST_SLEEP: Final = 0.001


class Flow(Protocol):
    """Stops and starts the reading of a partition of a delay topic."""

    def pause(self, tier: Tier, partition: int) -> None:
        """Read nothing more for now."""

    def resume(self, tier: Tier, partition: int) -> None:
        """Read on."""


@dataclass(frozen=True)
class Shared:
    """What all partitions of a delay service share.

    Attributes:
        publisher: writes what follows.
        addresses: knows where it goes.
        codec: decodes what was read.
        flow: pauses reading.
        clock: ms since the Unix epoch.
        observer: watches.
    """

    publisher: Publisher
    addresses: Addresses
    codec: Codec
    flow: Flow
    clock: Callable[[], int]
    observer: DelaysObserver


class DelayPartition:
    """One partition number of all delay topics.

    Args:
        number: the partition number.
        bounds: how much is in memory.
        shared: what all partitions share.
    """

    def __init__(self, number: int, bounds: Bounds, shared: Shared) -> None:
        self._number = number
        self._waiting = Waiting(bounds)
        self._shared = shared
        self._paused: set[Tier] = set()
        self._news = asyncio.Event()
        self._closed = False

    @property
    def records(self) -> int:
        """How many records are in memory."""
        return self._waiting.records

    def add(self, tier: Tier, records: Sequence[Inbound]) -> None:
        """Take in records that were read; reading pauses if that is enough for now."""
        now = self._shared.clock()
        for record in records:
            self._waiting.add(tier, read(record, self._shared.codec), now)
        if self._waiting.is_full(tier):
            self._paused.add(tier)
            self._shared.flow.pause(tier, self._number)
        self._news.set()

    async def run(self) -> None:
        """Carry out each step at its time, until closed.

        Raises:
            PublishError: something was not acknowledged; the process has to end.
        """
        while not self._closed:
            steps = self._waiting.take(self._shared.clock(), STEPS_AT_ONCE)
            if steps:
                await self._carry_out(steps)
            else:
                await self._until_next_step()

    def close(self) -> None:
        """Begin nothing more; `run` returns once what was begun is acknowledged."""
        self._closed = True
        self._news.set()

    def committable(self) -> dict[Tier, int]:
        """Return the offset to commit for each tier where something was done since."""
        return self._waiting.committable()

    def committed(self, offsets: Mapping[Tier, int]) -> None:
        """Note that the group holds these offsets."""
        self._waiting.committed(offsets)

    async def _carry_out(self, due: Sequence[Step]) -> None:
        addresses = self._shared.addresses
        steps = [addresses.possible(step) for step in due]
        positions = await self._shared.publisher.publish(
            [addresses.outbound(step) for step in steps]
        )
        now = self._shared.clock()
        for step, position in zip(steps, positions, strict=True):
            self._waiting.done(step, position.offset, now)
            self._observe(step, now)
        self._read_on()

    def _observe(self, step: Step, now: int) -> None:
        match step:
            case Wake(wake_up=wake_up):
                self._shared.observer.woke(now - wake_up.due)
            case Hop(tier=tier):
                self._shared.observer.hopped(tier)
            case DeadLetter(refused=refused):
                self._shared.observer.dead_lettered(refused.reason)

    def _read_on(self) -> None:
        if self._closed:
            return
        for tier in [tier for tier in self._paused if not self._waiting.is_full(tier)]:
            self._paused.remove(tier)
            self._shared.flow.resume(tier, self._number)

    async def _until_next_step(self) -> None:
        self._news.clear()
        moment = self._waiting.next_at()
        seconds = None
        if moment is not None:
            seconds = max(SHORTEST_SLEEP, (moment - self._shared.clock()) / MS_IN_A_SECOND)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
