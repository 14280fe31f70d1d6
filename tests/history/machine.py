"""The states of a job: what each input and output of its history makes of it.

It follows the contract, not the scheduler's code. Inputs decide by themselves where the contract leaves no
choice; what the scheduler chose (when to dispatch, when a retry is due, that a job ended) is taken from its
outputs as it is, and judged by the rules.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tests.history.partition_log import PartitionLog
from tests.history.policy import Fields, Policy, policy_at
from tests.history.state import (
    CANCELLED,
    DEAD_LETTERED,
    DISPATCHED,
    EXPIRED,
    NOWHERE,
    PENDING,
    RETRYING,
    RUNNING,
    SCHEDULED,
    SUCCEEDED,
    WAITING,
    AttemptEnd,
    State,
)
from tests.history.steps import Step

Change = Callable[[State, Step, PartitionLog], State]


def restored(state: State, step: Step, log: PartitionLog) -> State:
    """Return the state before an output, where what was put out before is lost with its topic.

    The scheduler then takes a dispatch back, and has a job that was due in a lost delay dispatched.
    """
    if step.event.name not in _OF_PENDING or not state.is_alive_in(step.event):
        return state
    family = "delay." if state.status in {SCHEDULED, RETRYING} else state.topic
    if not log.lost_topics.has_lost(family, state.put_out_at, step.offset):
        return state
    if state.status == DISPATCHED:
        return _ended(state, step)
    if state.status in {SCHEDULED, RETRYING} and step.log_time >= state.awaited:
        return state._replace(status=PENDING, awaited=0, reached=step.log_time)
    return state


def after(state: State, step: Step, log: PartitionLog) -> State:
    """Return the state after a step; the same one where the step changes nothing."""
    return _CHANGES[step.event.name](state, step, log)


def _submitted(state: State, step: Step, _: PartitionLog) -> State:
    if state.status:
        return state
    not_before = step.event.fields["not_before"] or 0
    waits = not_before > step.log_time
    return State(
        status=SCHEDULED if waits else PENDING,
        generation=1,
        due=not_before if waits else 0,
        awaited=not_before if waits else 0,
        deadline=step.event.fields["deadline"],
        submission=step.record,
    )


def _leased(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_current(step.event):
        return state
    return state._replace(status=RUNNING, lease_until=step.log_time + step.event.fields["lease_ms"])


def _succeeded(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_current(step.event):
        return state
    return _ended(state, step)._replace(status=SUCCEEDED, losses=0)


def _failed(state: State, step: Step, log: PartitionLog) -> State:
    if not state.is_current(step.event):
        return state
    fields = step.event.fields
    failures = state.failures + 1
    policy = policy_at(log, state.submission, step.offset)
    delay = _least_delay_ms(policy, failures, fields)
    end = AttemptEnd(
        "AttemptFailed",
        step.offset,
        fatal=not fields["failure"]["retryable"],
        exhausted=policy is not None and failures >= policy.max_attempts,
        time_limited=state.deadline is not None
        or (policy is not None and policy.max_elapsed_ms is not None),
    )
    failed = _ended(state, step)._replace(failures=failures, losses=0, end=end)
    return failed._replace(due=step.log_time + delay, reached=step.log_time)


def _least_delay_ms(policy: Policy | None, failures: int, fields: Fields) -> int:
    if policy is None or fields["failure"]["kind"] == "unknown_type":
        return 0  # a worker without the handler: when another one has it, no policy says
    wished = fields["retry_after_ms"]
    if wished is None:
        return policy.least_delay_ms(failures)
    return min(int(wished), policy.max_delay_ms)


def _lost(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_current(step.event) or state.status != DISPATCHED:
        return state
    return _ended(state, step)._replace(losses=state.losses + 1)


def _lease_expired(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_current(step.event):
        return state
    return _ended(state, step)._replace(losses=state.losses + 1)


def _released(state: State, step: Step, _: PartitionLog) -> State:
    return _ended(state, step) if state.is_current(step.event) else state


def _attempt_cancelled(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_current(step.event):
        return state
    ended = _ended(state, step)
    if state.cancel_requested:
        return ended
    return ended._replace(losses=state.losses + 1, end=ended.end._replace(unasked=True))


def _delay_elapsed(state: State, step: Step, _: PartitionLog) -> State:
    event = step.event
    named = (event.generation, event.attempt, event.fields["due"])
    awaited = (state.generation, state.attempt + 1, state.awaited)
    if state.status not in {SCHEDULED, RETRYING} or named != awaited:
        return state
    if step.log_time < state.awaited:
        return state
    return state._replace(status=PENDING, awaited=0, reached=step.log_time)


def _cancel_requested(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_alive_in(step.event):
        return state
    if state.status in WAITING:
        return state._replace(may_cancel_at=step.offset)
    return state._replace(cancel_requested=True)


def _redriven(state: State, step: Step, _: PartitionLog) -> State:
    if state.status != DEAD_LETTERED or step.event.generation != state.generation + 1:
        return state
    return State(status=PENDING, generation=step.event.generation, submission=state.submission)


def _dispatched(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_alive_in(step.event):
        return state
    dispatched = _put_out(state, step)
    return dispatched._replace(status=DISPATCHED, attempt=step.event.attempt, due=0, awaited=0)


def _deferred(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_alive_in(step.event):
        return state
    due = step.event.fields["due"]
    return _put_out(state, step)._replace(status=SCHEDULED, due=max(state.due, due), awaited=due)


def _retry_scheduled(state: State, step: Step, _: PartitionLog) -> State:
    if not state.is_alive_in(step.event):
        return state
    due = step.event.fields["due"]
    return _put_out(state, step)._replace(status=RETRYING, due=max(state.due, due), awaited=due)


def _put_out(state: State, step: Step) -> State:
    topic = ".".join(step.record.at.topic.rsplit(".", 2)[1:])
    return state._replace(topic=topic, put_out_at=step.log_time)


def _over(status: str) -> Change:
    def change(state: State, step: Step, _: PartitionLog) -> State:
        if not state.is_alive_in(step.event):
            return state
        return state._replace(status=status, due=0, awaited=0, cancel_requested=False)

    return change


def _unchanged(state: State, _step: Step, _log: PartitionLog) -> State:
    return state


def _ended(state: State, step: Step) -> State:
    """Return the state after the end of an attempt, before what follows from that."""
    return state._replace(
        status=PENDING,
        due=0,
        reached=0,
        lease_until=0,
        may_cancel_at=step.offset if state.cancel_requested else NOWHERE,
        end=AttemptEnd(step.event.name, step.offset),
    )


_OF_PENDING: Final = frozenset({"JobDispatched", "JobCancelled", "JobExpired"})
"""Outputs about a job that waits for its dispatch."""

_CHANGES: Final[Mapping[str, Change]] = {
    "JobSubmitted": _submitted,
    "AttemptStarted": _leased,
    "AttemptHeartbeat": _leased,
    "AttemptSucceeded": _succeeded,
    "AttemptFailed": _failed,
    "AttemptLost": _lost,
    "AttemptReleased": _released,
    "AttemptCancelled": _attempt_cancelled,
    "DelayElapsed": _delay_elapsed,
    "JobCancelRequested": _cancel_requested,
    "JobRedriven": _redriven,
    "DeadLetterDiscarded": _unchanged,
    "JobDispatched": _dispatched,
    "JobDeferred": _deferred,
    "RetryScheduled": _retry_scheduled,
    "LeaseExpired": _lease_expired,
    "JobCancelled": _over(CANCELLED),
    "JobExpired": _over(EXPIRED),
    "JobDeadLettered": _over(DEAD_LETTERED),
}
