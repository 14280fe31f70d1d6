"""Topics that were deleted and made anew: the jobs whose records stood there, page by page.

Log and state tell which these are, so nothing of them is lost. There may be a million: a page is what one tick
takes, and bounded by what can be counted, so that each replay makes the same pages.
"""

from typing import Final

from joblog.lifecycle.delays import TIERS
from joblog.lifecycle.outputs import Destination
from joblog.lifecycle.partition.keys import PRESENT, lost_key, timer_key
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.states import Status
from joblog.schemas.state import JobRow, LostTopic
from joblog.schemas.state.waiting import words_of

FOUND_AT_ONCE: Final = 500
"""Jobs of a page."""

LOOKED_AT_ONCE: Final = 10_000
"""Jobs that are looked at for a page, most of which may be at their end."""

GRACE_MS: Final = 5_000
"""How long dispatches are left alone: workers notice too, and report what they run as started."""

SKEW_MS: Final = 5_000
"""How far the delay service's estimate of log time may be off when it chooses a tier."""

_DELAYED: Final = (Status.SCHEDULED, Status.RETRYING)
_WORDS: Final = words_of((Status.DISPATCHED, *_DELAYED))
_SHORTER_THAN: Final = dict(
    zip(
        (tier.name for tier in TIERS),
        (*(tier.wait_ms + SKEW_MS for tier in TIERS[1:]), None),
        strict=True,
    )
)
"""By tier: a record that waits there is due within so many ms, None where it may be due at any time."""


def begin(topic: str, now: int, state: WorkingSet) -> None:
    """Look through the jobs from now on; where that is under way, from the first one again."""
    key = lost_key(topic)
    former = state.get(key)
    if former is not None:
        state.delete(timer_key(LostTopic.decode(former).wake_at, key))
    grace = GRACE_MS if topic.startswith(f"{Destination.WORK}.") else 0
    lost = LostTopic(topic, now, now + grace)
    state.put(key, lost.encode())
    state.put(timer_key(lost.wake_at, key), PRESENT)


def next_page(key: bytes, state: WorkingSet) -> list[JobRow]:
    """Return the next jobs whose records stood on a lost topic; it is forgotten once all were looked at."""
    value = state.get(key)
    if value is None:
        return []
    lost = LostTopic.decode(value)
    found: list[JobRow] = []
    for looked_at, (job_id, row) in enumerate(state.each_row(lost.behind, _WORDS), 1):
        if row is not None and _stood_on(lost, row):
            found.append(row)
        if len(found) == FOUND_AT_ONCE or looked_at == LOOKED_AT_ONCE:
            state.put(key, lost._replace(behind=job_id).encode())
            return found
    state.delete(key)
    state.delete(timer_key(lost.wake_at, key))
    return found


def _stood_on(lost: LostTopic, row: JobRow) -> bool:
    family, _, name = lost.topic.partition(".")
    if family == Destination.WORK:
        is_older = row.dispatched_at is not None and row.dispatched_at <= lost.since
        return row.status == Status.DISPATCHED and row.lane == name and is_older
    if row.status not in _DELAYED or row.due is None or row.updated_at > lost.since:
        return False
    if name not in _SHORTER_THAN:
        return False
    most = _SHORTER_THAN[name]
    return most is None or row.due - lost.since < most
