"""How jobs end: once, and for a reason."""

from collections.abc import Iterator

from tests.history.case import Acknowledged, Case, Problem
from tests.history.letters import EITHER, JOB_REASONS
from tests.history.partition_log import PartitionLog
from tests.history.records import At, Record
from tests.history.state import PENDING, WAITING, State
from tests.history.steps import Step
from tests.history.story import Move, Story

TERMINAL_OUTPUTS = frozenset({"JobCancelled", "JobExpired", "JobDeadLettered"})


def submissions_have_one_outcome(case: Case) -> Iterator[Problem]:
    """Each acknowledged submission stands in the log, and each generation of its job ends.

    The outcome of a submission that was refused is its dead letter.
    """
    for acknowledged in case.acknowledged:
        at = At(case.history.events_topic, acknowledged.partition, acknowledged.offset)
        log = case.history.logs.get(acknowledged.partition)
        record = None if log is None else log.record(acknowledged.offset)
        if record is None or not _is_about(record, acknowledged.job_id):
            detail = "acknowledged, but no such record is in the log"
            yield Problem(detail, acknowledged.job_id, (at,))
        elif record.at not in case.letters.refusals:
            yield from _unended(case, acknowledged, record)


def generations_end_once(case: Case) -> Iterator[Problem]:
    """The first terminal event of a generation is the only one that the scheduler lets count."""
    for story in case.stories.values():
        ended: dict[int, Move] = {}
        for move in story.moves:
            event = move.step.event
            if event.name in TERMINAL_OUTPUTS and not move.ends_generation:
                first = ended.get(event.generation)
                found = "no such generation is open" if first is None else _named(first)
                yield Problem(
                    f"{event.name} of generation {event.generation}, but {found}",
                    story.job_id,
                    (move.step.record.at, *(() if first is None else (first.step.record.at,))),
                )
            if move.ends_generation:
                ended[move.after.generation] = move


def endings_have_a_reason(case: Case) -> Iterator[Problem]:
    """A job is cancelled only on request, expires only at its deadline, and is dead-lettered for a cause.

    Exhausted only when the policy allows no further attempt; fatal only after an error that no retry can
    mend; lost only beyond the limit of losses; of unknown type only while nobody declares the type.
    """
    for story in case.stories.values():
        log = case.history.logs[case.history.home(story.job_id)]
        for move in story.moves:
            if move.ends_generation and move.step.event.name in TERMINAL_OUTPUTS:
                detail = _unreasonable(move, log)
                if detail:
                    yield Problem(detail, story.job_id, (move.step.record.at,))


def _is_about(record: Record, job_id: str) -> bool:
    said = "" if record.event is None else record.event.job_id
    return record.content.key == job_id.encode() or said == job_id


def _unended(case: Case, acknowledged: Acknowledged, record: Record) -> Iterator[Problem]:
    story = case.stories.get(acknowledged.job_id)
    if story is None or not story.generations:
        yield Problem("acknowledged, but it opened no job", acknowledged.job_id, (record.at,))
        return
    for generation in story.generations:
        if not any(story.endings(generation)):
            state = _last_state(story, generation)
            yield Problem(
                f"generation {generation} has no terminal event: after attempt {state.attempt} "
                f"it is {state.status}",
                acknowledged.job_id,
                (record.at,),
            )


def _last_state(story: Story, generation: int) -> State:
    return [move.after for move in story.moves if move.after.generation == generation][-1]


def _named(move: Move) -> str:
    return f"{move.step.event.name} had ended it"


def _unreasonable(move: Move, log: PartitionLog) -> str:
    match move.step.event.name:
        case "JobCancelled":
            if move.before.may_cancel_at != move.step.offset:
                return "cancelled at a record that neither asks for it nor ends the attempt after a request"
        case "JobExpired":
            return _early_expiry(move.step, move.before)
        case "JobDeadLettered":
            return _unfounded_letter(move.step, move.before, log)
    return ""


def _early_expiry(step: Step, before: State) -> str:
    if before.status not in WAITING:
        return f"expired while {before.status}: only what waits expires"
    if before.deadline is None:
        return "expired without a deadline"
    if step.log_time < before.deadline:
        return f"expired at log time {step.log_time}, before its deadline {before.deadline}"
    return ""


def _unfounded_letter(step: Step, before: State, log: PartitionLog) -> str:
    end, reason = before.end, step.event.fields["reason"]
    ended_here = end.offset == step.offset
    founded = {
        "exhausted": ended_here
        and end.how == "AttemptFailed"
        and (end.exhausted or end.time_limited),
        "fatal": ended_here and end.how == "AttemptFailed" and end.fatal,
        "lost": ended_here
        and end.is_loss
        and before.losses > log.announcements.limits_at(step.offset)["loss_limit"],
        "unknown_type": before.status == PENDING and not _is_declared(before, step, log),
    }
    if reason not in JOB_REASONS | EITHER:
        return f"{reason!r} is no reason to end a job"
    if not founded.get(reason, True):
        return (
            f"dead-lettered as {reason} though it is {before.status} after {before.failures} failures and "
            f"{before.losses} losses in a row, the last attempt having ended by {end.how or 'nothing'}"
        )
    return ""


def _is_declared(before: State, step: Step, log: PartitionLog) -> bool:
    if before.submission is None or before.submission.event is None:
        return False
    job_type = before.submission.event.fields["type"]
    return log.announcements.type_at(job_type, step.offset) is not None
