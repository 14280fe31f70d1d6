"""What waits in one partition of all delay topics. It is pure: the time comes in."""

from collections import deque
from collections.abc import Mapping
from heapq import heappop, heappush
from itertools import count
from typing import Final

from joblog.lifecycle.delays import TIERS, Tier, tier_for
from joblog.processors.delays.backlog import Bounds, Entry, TierBacklog
from joblog.processors.delays.log_clock import LogClock
from joblog.processors.delays.records import Delayed, Refused, WakeUp
from joblog.processors.delays.steps import DeadLetter, Hop, Step, Wake

AT_ONCE: Final = 0
LAST_WAIT_MS: Final = TIERS[1].wait_ms
"""Less than that is waited for in memory: there is no shorter tier."""


class Waiting:
    """The records that were read of one partition number, in the order of their next steps.

    A record waits for the time of its tier, then it hops to the tier that takes the rest. In the last
    second only its due time is waited for. That is kept without the record's bytes, so that it may
    be much; beyond its bound it counts as read ahead, and reading pauses sooner.

    All times that are given and returned are this machine's, in ms since the Unix epoch.

    Args:
        bounds: how much is in memory.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._max_held = bounds.held
        self._held = 0
        self._backlogs = {tier: TierBacklog(tier, bounds.read_ahead) for tier in TIERS}
        self._queue: list[tuple[int, int, Entry]] = []
        self._hops: deque[tuple[Entry, Delayed]] = deque()
        self._arrivals = count()
        self._clock = LogClock()

    @property
    def records(self) -> int:
        """How many records are in memory."""
        return self._held + sum(backlog.records for backlog in self._backlogs.values())

    def is_full(self, tier: Tier) -> bool:
        """Return whether nothing more should be read of a tier for now."""
        return self._backlogs[tier].is_full

    def add(self, tier: Tier, item: Delayed | Refused, now: int) -> None:
        """Take in a record that was read."""
        entry = self._backlogs[tier].add(item)
        if isinstance(item, Refused):
            self._push(AT_ONCE, entry)
            return
        self._learn(item, now)
        waited = min(item.wake_up.due, item.record.timestamp + tier.wait_ms)
        log_now = self._clock.now(now)
        if waited <= log_now < item.wake_up.due < log_now + LAST_WAIT_MS:
            self._hold(entry, item)
        else:
            self._push(waited, entry)

    def next_at(self) -> int | None:
        """Return when the next step is due, None where nothing waits."""
        if self._hops:
            return AT_ONCE
        return self._clock.local(self._queue[0][0]) if self._queue else None

    def take(self, now: int, limit: int) -> list[Step]:
        """Return the steps that are due, at most so many: first wake-ups, since hops can wait."""
        log_now = self._clock.now(now)
        steps: list[Step] = []
        while len(steps) < limit and self._queue and self._queue[0][0] <= log_now:
            step = self._step(heappop(self._queue)[-1], log_now)
            if step is not None:
                steps.append(step)
        while len(steps) < limit and self._hops:
            hop = self._hop(*self._hops.popleft(), log_now)
            if hop is not None:
                steps.append(hop)
        return steps

    def done(self, step: Step, offset: int, now: int) -> None:
        """Note that what a step published is acknowledged; `offset` is where it stands."""
        entry = step.entry
        if isinstance(step, Wake):
            self._clock.woke(offset, now)
        if isinstance(entry.item, WakeUp):
            self._held -= 1
        else:
            entry.backlog.let_go(entry)
        entry.backlog.ledger.done(entry.offset)

    def committable(self) -> dict[Tier, int]:
        """Return the offset to commit for each tier where something was done since."""
        return {
            tier: offset
            for tier, backlog in self._backlogs.items()
            if (offset := backlog.ledger.committable) is not None
        }

    def committed(self, offsets: Mapping[Tier, int]) -> None:
        """Note that the group holds these offsets."""
        for tier, offset in offsets.items():
            self._backlogs[tier].ledger.committed(offset)

    def _learn(self, item: Delayed, now: int) -> None:
        self._clock.decided(item.decided_at, now)
        if item.decided_by is not None:
            self._clock.sent_back(item.decided_by, item.decided_at)

    def _step(self, entry: Entry, log_now: int) -> Step | None:
        match entry.item:
            case Refused() as refused:
                return DeadLetter(entry, refused)
            case WakeUp() as wake_up:
                return Wake(entry, wake_up)
            case Delayed(wake_up=wake_up) as delayed:
                if wake_up.due <= log_now:
                    return Wake(entry, wake_up)
                self._hops.append((entry, delayed))
                return None

    def _hop(self, entry: Entry, delayed: Delayed, log_now: int) -> Step | None:
        remaining = delayed.wake_up.due - log_now
        if remaining >= LAST_WAIT_MS:
            return Hop(entry, delayed.record, tier_for(remaining))
        self._hold(entry, delayed)
        return None

    def _hold(self, entry: Entry, delayed: Delayed) -> None:
        if self._held < self._max_held:
            self._held += 1
            entry.item = delayed.wake_up
            entry.backlog.let_go(entry)
        self._push(delayed.wake_up.due, entry)

    def _push(self, moment: int, entry: Entry) -> None:
        heappush(self._queue, (moment, next(self._arrivals), entry))
