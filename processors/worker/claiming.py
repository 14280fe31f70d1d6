"""Claims attempts that can begin soon, commits the claims, and only then lets the attempts begin."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from joblog.processors.worker.attempt import Attempt
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.clock import Clock
from joblog.processors.worker.errors import RebalancedError
from joblog.processors.worker.handlers import RunIn
from joblog.processors.worker.membership import Membership
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.pace import Pace
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.runner import Runner
from joblog.processors.worker.slots import Places, Slots
from joblog.processors.worker.tenure import Tenure

MOST_UNACKNOWLEDGED: Final = 1_000
"""Reports on their way at which nothing more is claimed: a worker that dies loses what they are about."""

Committed = Callable[[TopicPartition, int, str], None]
"""Takes a partition, the offset that the group now holds for it, and the id of the topic."""


@dataclass(frozen=True)
class Claimer:
    """What claiming works with.

    Attributes:
        buffer: attempts that can begin.
        slots: places for them.
        pace: how many are claimed ahead, of all lanes together.
        runner: begins them.
        reporter: publishes; once it has failed nothing is committed any more.
        observer: watches.
        clock: the clocks.
        committed: is told what was committed.
    """

    buffer: PriorityBuffer
    slots: Slots
    pace: Pace
    runner: Runner
    reporter: Reporter
    observer: WorkerObserver
    clock: Clock
    committed: Committed


class Claiming:
    """Claims attempts for free slots, and for those that are about to become free: one commit for all.

    What is settled in the meantime goes along with the next claim, or is committed for itself.

    Args:
        claimer: what it works with.
    """

    def __init__(self, claimer: Claimer) -> None:
        self._with = claimer
        self._membership: Membership | None = None
        self._tenures: Sequence[Tenure] = ()
        self._news = asyncio.Event()
        self._settling = False
        self._committing = asyncio.Lock()
        claimer.slots.listen(self._news.set)
        claimer.reporter.listen(self._news.set)

    def wake(self) -> None:
        """Look for attempts that can begin."""
        self._news.set()

    def tend(self) -> None:
        """See to it that what is settled is committed, even if nothing is claimed."""
        if any(tenure.ledger.dirty for tenure in self._tenures):
            self._settling = True
            self._news.set()

    def hold(self, membership: Membership, tenures: Sequence[Tenure]) -> None:
        """Begin to claim in partitions, as a member of a group."""
        self._membership = membership
        self._tenures = tenures
        self._news.set()

    async def run(self) -> None:
        """Claim and begin until cancelled.

        Raises:
            KafkaError: the group does not take a commit.
        """
        while True:
            await self._news.wait()
            self._news.clear()
            async with self._committing:
                await self._round()

    async def pause(self) -> None:
        """Wait for the commit that is under way; attempts of inactive tenures do not begin after it."""
        async with self._committing:
            pass

    async def let_go(self) -> None:
        """Commit what is settled for the last time, and claim no more.

        Raises:
            KafkaError: the group does not take the commit.
        """
        async with self._committing:
            with suppress(RebalancedError):  # others hold them: they have what was committed before
                await self._commit()
            self._forget()

    async def forget(self) -> None:
        """Claim no more, and commit nothing: what could be committed is about a topic that is gone."""
        async with self._committing:
            self._forget()

    def _forget(self) -> None:
        self._membership = None
        self._tenures = ()

    async def _round(self) -> None:
        attempts = list(self._claim())
        if not attempts and not self._settling:
            return
        self._settling = False
        begun = self._with.clock.monotonic()
        try:
            is_committed = await self._commit()
        except RebalancedError:
            for tenure in self._tenures:
                tenure.active = False
            for attempt in attempts:
                self._with.slots.unclaim(attempt.run_in)
            return
        ended = self._with.clock.monotonic()
        if is_committed:
            self._with.pace.committed(begun, ended)
        if attempts:
            self._with.observer.claimed(len(attempts), ended - begun)
            self._with.runner.begin(attempts)

    def _claim(self) -> Iterable[Attempt]:
        for attempt in self._taken():
            if attempt.tenure.active:
                self._with.slots.claim(attempt.run_in)
                attempt.tenure.ledger.claim(attempt.origin.offset)
                yield attempt

    def _taken(self) -> Iterator[Attempt]:
        if self._with.slots.worth_claiming:
            while self._may_take() and (
                attempt := self._with.buffer.pop(self._with.slots.claimable)
            ):
                yield attempt
        for kind, places in self._with.slots.kinds.items():
            if self._may_take() and self._is_urgent(kind, places):
                urgent = self._with.buffer.pop([kind])
                if urgent is not None:
                    yield urgent

    def _may_take(self) -> bool:
        return self._with.reporter.unacknowledged < MOST_UNACKNOWLEDGED

    def _is_urgent(self, kind: RunIn, places: Places) -> bool:
        """Return whether an attempt came that goes before what waits claimed, however slow that is.

        It goes before all of its kind; or, where a place of its kind is left, before all of any kind.
        """
        came = self._with.buffer.first_priority([kind])
        rivals = None if places.unclaimed > 0 else [kind]
        waits = self._with.runner.first_priority(rivals)
        return came is not None and waits is not None and came > waits

    async def _commit(self) -> bool:
        """Commit what has changed; return whether anything has."""
        dirty = [tenure for tenure in self._tenures if tenure.ledger.dirty]
        if self._membership is None or not dirty:
            return False
        self._with.reporter.check()
        offsets: dict[TopicPartition, OffsetAndMetadata] = {}
        changes: dict[TopicPartition, int] = {}
        for tenure in dirty:
            at = tenure.partition
            offset, claim, changes[at] = tenure.ledger.to_commit()
            named = claim._replace(topic_id=tenure.topic_id)
            offsets[at] = OffsetAndMetadata(offset, named.encode())
        await self._membership.commit(offsets)
        for tenure in dirty:
            at = tenure.partition
            tenure.ledger.committed(changes[at])
            self._with.committed(at, offsets[at].offset, tenure.topic_id)
        return True
