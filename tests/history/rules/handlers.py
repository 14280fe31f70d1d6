"""What handlers really did, as their ledger tells it, agrees with the log."""

from collections.abc import Iterator
from itertools import pairwise

from tests.history.case import CLOCK_ALLOWANCE_MS, Case, Problem
from tests.history.faults import EXCUSES_LATE_STARTS, excuses
from tests.history.ledger import AttemptKey, Effect
from tests.history.records import At
from tests.history.story import Attempt

RAN = frozenset({"error", "timeout"})
"""Kinds of failure that only a handler that was started can have."""


def handlers_run_what_was_dispatched(case: Case) -> Iterator[Problem]:
    """Each line of the ledger belongs to a dispatched attempt, and is not older than its dispatch.

    An end follows a start.
    """
    if case.effects is None:
        return
    for key in case.effects.starts.keys() | case.effects.ends.keys():
        attempt = case.attempts.get(key)
        starts = case.effects.starts.get(key, [])
        if attempt is None:
            yield Problem(f"{_name(key)} was never dispatched, but its handler ran", key[0])
        elif not starts:
            yield Problem(f"{_name(key)} has an end without a start", key[0], _at(attempt))
        elif _is_before(starts[0], attempt.dispatch.step.record.timestamp):
            yield Problem(
                f"{_name(key)} started at {starts[0].at_ms}, before its dispatch at "
                f"{attempt.dispatch.step.record.timestamp}",
                key[0],
                _at(attempt),
            )


def no_handler_starts_before_it_is_due(case: Case) -> Iterator[Problem]:
    """No handler starts before the due time of its attempt, but for `CLOCK_ALLOWANCE_MS`."""
    for key, attempt, starts in _started(case):
        due = attempt.dispatch.before.due
        if _is_before(starts[0], due):
            yield Problem(
                f"{_name(key)} is due at {due}, but its handler started at {starts[0].at_ms}, "
                f"{due - starts[0].at_ms} ms early",
                key[0],
                _at(attempt),
            )


def no_handler_starts_after_the_end(case: Case) -> Iterator[Problem]:
    """No handler starts after the log time at which its attempt ended, nor after its job did.

    An attempt ends by its worker's report, by its loss, or by the end of the generation, whichever is
    first. The one exception: a worker that a fault kept from learning it may start what was dispatched
    before the end. The fault has to overlap the time from the dispatch to that start.
    """
    for key, attempt, starts in _started(case):
        if attempt.end is None:
            continue
        ended_at = attempt.end.step.log_time
        for start in starts:
            late = start.at_ms > ended_at + CLOCK_ALLOWANCE_MS
            dispatched_at = attempt.dispatch.step.record.timestamp
            if late and not excuses(case.faults, dispatched_at, start.at_ms, EXCUSES_LATE_STARTS):
                yield Problem(
                    f"{_name(key)} ended at {ended_at} by {attempt.end.step.event.name}, but its handler "
                    f"started at {start.at_ms}, and no fault explains it",
                    key[0],
                    (*_at(attempt), attempt.end.step.record.at),
                )


def attempts_run_once(case: Case) -> Iterator[Problem]:
    """Each attempt runs once: a handler starts, and starts again only where a fault lies in between.

    Not started are attempts that were lost, given back or cancelled in time, or that failed before a
    handler could run: its payload rejected, its type unknown, its process dead.
    """
    if case.effects is None:
        return
    for key, attempt in case.attempts.items():
        starts = case.effects.starts.get(key, [])
        for first, second in pairwise(starts):
            if not excuses(case.faults, first.at_ms, second.at_ms):
                yield Problem(
                    f"{_name(key)} started at {first.at_ms} (process {first.worker_pid}) and again at "
                    f"{second.at_ms} (process {second.worker_pid}), and no fault explains it",
                    key[0],
                    _at(attempt),
                )
        if not starts and _has_run(attempt):
            yield Problem(
                f"{_name(key)} reported what its handler did, but no handler started",
                key[0],
                _at(attempt),
            )


def successes_have_an_effect(case: Case) -> Iterator[Problem]:
    """The attempt that succeeded has an end in the ledger, not later than its success in the log."""
    if case.effects is None:
        return
    for key, attempt in case.attempts.items():
        if attempt.end is None or attempt.end.step.event.name != "AttemptSucceeded":
            continue
        succeeded_at = attempt.end.step.log_time + CLOCK_ALLOWANCE_MS
        if not any(end.at_ms <= succeeded_at for end in case.effects.ends.get(key, [])):
            yield Problem(
                f"{_name(key)} succeeded at {attempt.end.step.log_time}, but no handler had come to its end",
                key[0],
                (*_at(attempt), attempt.end.step.record.at),
            )


def attempts_are_lost_only_by_faults(case: Case) -> Iterator[Problem]:
    """An attempt is lost only where a fault overlaps the time from its dispatch to its loss."""
    for key, attempt in case.attempts.items():
        end = attempt.end
        if end is None or not end.after.end.is_loss or end.after.end.offset != end.step.offset:
            continue
        dispatched_at = attempt.dispatch.step.record.timestamp
        if not excuses(case.faults, dispatched_at, end.step.log_time):
            yield Problem(
                f"{_name(key)} was lost ({end.step.event.name}) between {dispatched_at} and "
                f"{end.step.log_time}, and no fault explains it",
                key[0],
                (*_at(attempt), end.step.record.at),
            )


def _started(case: Case) -> Iterator[tuple[AttemptKey, Attempt, list[Effect]]]:
    """Yield the attempts that handlers started, each with its starts in order of time."""
    starts = {} if case.effects is None else case.effects.starts
    for key, found in starts.items():
        if key in case.attempts:
            yield key, case.attempts[key], found


def _has_run(attempt: Attempt) -> bool:
    if attempt.end is None:
        return False
    event = attempt.end.step.event
    if event.name == "AttemptFailed":
        return event.fields["failure"]["kind"] in RAN
    return event.name == "AttemptSucceeded"


def _is_before(start: Effect, time_ms: int) -> bool:
    return start.at_ms < time_ms - CLOCK_ALLOWANCE_MS


def _at(attempt: Attempt) -> tuple[At, ...]:
    return (attempt.dispatch.step.record.at,)


def _name(key: AttemptKey) -> str:
    return f"attempt {key[2]} of generation {key[1]}"
