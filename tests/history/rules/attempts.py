"""Attempts: one after the other, no more than allowed, never early, never after the end."""

from collections.abc import Iterator

from tests.history.case import Case, Problem
from tests.history.state import PENDING, RETRYING, RUNNING, SCHEDULED, State
from tests.history.story import Move

_STEERING = frozenset({"JobDispatched", "JobDeferred", "RetryScheduled", "LeaseExpired"})
"""Outputs that move a job on without ending it."""


def attempts_follow_one_another(case: Case) -> Iterator[Problem]:
    """Attempt n+1 is dispatched, or put off, only after attempt n ended; there are no gaps.

    A lease expires only for the attempt that holds it, and not before its end. A job waits in a delay topic
    only from its submission or after a failure.
    """
    for story in case.stories.values():
        for move in story.moves:
            if move.step.event.name in _STEERING and move.before.is_alive_in(move.step.event):
                detail = _out_of_order(move)
                if detail:
                    yield Problem(detail, story.job_id, (move.step.record.at,))


def attempts_run_on_the_lane_of_their_type(case: Case) -> Iterator[Problem]:
    """An attempt is dispatched only once its type is declared, and to the lane that this names."""
    for story in case.stories.values():
        log = case.history.logs[case.history.home(story.job_id)]
        for move in story.moves:
            event = move.step.event
            if event.name != "JobDispatched":
                continue
            known = log.announcements.type_at(event.fields["type"], move.step.offset)
            topic = None if known is None else f"{case.history.namespace}.work.{known['lane']}"
            if move.step.record.at.topic != topic:
                expected = "nowhere, since its type is not declared" if topic is None else topic
                yield Problem(
                    f"attempt {event.attempt} belongs {expected}",
                    story.job_id,
                    (move.step.record.at,),
                )


def failures_stay_within_the_policy(case: Case) -> Iterator[Problem]:
    """After as many charged failures as the policy has attempts, or a fatal one, no attempt follows."""
    for story in case.stories.values():
        for move in story.moves:
            event, before = move.step.event, move.before
            if event.name not in {"JobDispatched", "RetryScheduled"} or not before.is_alive_in(
                event
            ):
                continue
            if before.end.exhausted or before.end.fatal:
                why = (
                    "a fatal failure" if before.end.fatal else "the last one that the policy allows"
                )
                yield Problem(
                    f"attempt {event.attempt} follows after {before.failures} failures, of which the last "
                    f"was {why}",
                    story.job_id,
                    (move.step.record.at,),
                )


def nothing_is_dispatched_before_it_is_due(case: Case) -> Iterator[Problem]:
    """No attempt is dispatched before log time has come to its due time.

    Due is the not-before time of the first attempt; that of a retry is what RetryScheduled says, and not
    less than the delay that handler or policy ask for.
    """
    for story in case.stories.values():
        for move in story.moves:
            event, before, log_time = move.step.event, move.before, move.step.log_time
            if event.name != "JobDispatched" or not before.is_alive_in(event):
                continue
            if max(log_time, before.reached) < before.due:
                yield Problem(
                    f"attempt {event.attempt} is due at {before.due}, but dispatched at log time {log_time}, "
                    f"{before.due - log_time} ms early",
                    story.job_id,
                    (move.step.record.at,),
                )


def nothing_is_put_out_after_the_end(case: Case) -> Iterator[Problem]:
    """Once a generation has ended, nothing of it is dispatched, retried, deferred or taken back."""
    for story in case.stories.values():
        for move in story.moves:
            event = move.step.event
            if event.name in _STEERING and not move.before.is_alive_in(event):
                yield Problem(
                    f"{event.name} of generation {event.generation}, attempt {event.attempt}, though the job "
                    f"is {move.before.status or 'not submitted'} in generation {move.before.generation}",
                    story.job_id,
                    (move.step.record.at,),
                )


def _out_of_order(move: Move) -> str:
    event, before = move.step.event, move.before
    match event.name:
        case "JobDispatched":
            return _illegal_dispatch(event.attempt, before)
        case "LeaseExpired":
            return _early_lease_end(move)
        case "JobDeferred":
            if before.status != SCHEDULED or event.fields["due"] != before.awaited:
                return f"deferred to {event.fields['due']} while {before.status}, due at {before.awaited}"
        case "RetryScheduled":
            return _illegal_retry(move)
    return ""


def _illegal_dispatch(attempt: int, before: State) -> str:
    if before.status != PENDING:
        return f"attempt {attempt} is dispatched while attempt {before.attempt} is {before.status}"
    if attempt != before.attempt + 1:
        return f"attempt {attempt} follows attempt {before.attempt}"
    return ""


def _early_lease_end(move: Move) -> str:
    event, before, log_time = move.step.event, move.before, move.step.log_time
    if before.status != RUNNING or event.attempt != before.attempt:
        return (
            f"the lease of attempt {event.attempt} expires while attempt {before.attempt} "
            f"is {before.status}"
        )
    if log_time < before.lease_until:
        return f"the lease until {before.lease_until} expires at log time {log_time}"
    return ""


def _illegal_retry(move: Move) -> str:
    event, before = move.step.event, move.before
    if event.attempt != before.attempt + 1:
        return f"attempt {event.attempt} is to follow attempt {before.attempt}"
    if before.status == RETRYING and event.fields["due"] == before.awaited:
        return ""
    if before.end.offset != move.step.offset or before.end.how != "AttemptFailed":
        return f"attempt {event.attempt} is put off while {before.status}, without a failure"
    return ""
