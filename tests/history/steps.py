"""What happened to a job, in the order in which the log decided it."""

from typing import NamedTuple

from tests.history.history import SCHEDULER_FACTS, History
from tests.history.letters import Letters
from tests.history.partition_log import NEVER
from tests.history.records import Event, Record

INPUTS = frozenset(
    {
        "JobSubmitted",
        "AttemptStarted",
        "AttemptHeartbeat",
        "AttemptSucceeded",
        "AttemptFailed",
        "AttemptLost",
        "AttemptReleased",
        "AttemptCancelled",
        "DelayElapsed",
        "JobCancelRequested",
        "JobRedriven",
        "DeadLetterDiscarded",
    }
)
"""What others say about a job on the events topic."""

OUTPUTS = SCHEDULER_FACTS | {"JobDispatched", "JobDeferred", "RetryScheduled", "JobDeadLettered"}
"""What the scheduler says about a job, on any topic."""

_INPUT, _OUTPUT = 0, 1


class Step(NamedTuple):
    """One input or output of a job.

    An output takes effect at its cause, wherever it stands itself: first what the cause says, then what it
    led to, by index.

    Attributes:
        order: offset at which it took effect; whether it is an output; its offset or index.
        log_time: log time at that offset, ms.
        record: the record.
        event: what it says.
    """

    order: tuple[int, int, int]
    log_time: int
    record: Record
    event: Event

    @property
    def offset(self) -> int:
        """Offset, in the job's partition of the events topic, at which it took effect."""
        return self.order[0]


def steps_by_job(history: History, letters: Letters) -> dict[str, list[Step]]:
    """Return the steps of each job, in order; repeats of an output are one step.

    Left out is what moved no job: records that were refused, that stand in a wrong partition or still
    wait for their schema, and outputs without a legal cause (which has a rule of its own).
    """
    steps: dict[str, list[Step]] = {}
    for record in history.events:
        if (step := _input(record, history, letters)) is not None:
            steps.setdefault(step.event.job_id, []).append(step)
    about_jobs = {id(letter) for letter in letters.of_jobs}
    seen = set()
    for record in history.outputs:
        step = _output(record, history)
        if step is None or step.event.event_id in seen:
            continue
        if step.event.name == "JobDeadLettered" and id(record) not in about_jobs:
            continue
        seen.add(step.event.event_id)
        steps.setdefault(step.event.job_id, []).append(step)
    for of_job in steps.values():
        of_job.sort(key=lambda step: step.order)
    return steps


def _input(record: Record, history: History, letters: Letters) -> Step | None:
    event = record.event
    if event is None or event.name not in INPUTS or record.decided_at == NEVER:
        return None
    if record.at in letters.refusals or record.at.partition != history.home(event.job_id):
        return None
    log = history.logs[record.at.partition]
    order = (record.decided_at, _INPUT, record.at.offset)
    return Step(order, log.log_time(record.decided_at), record, event)


def _output(record: Record, history: History) -> Step | None:
    event = record.event
    if event is None or event.name not in OUTPUTS or event.cause is None:
        return None
    cause = event.cause
    log = history.logs.get(cause.partition)
    if cause.topic != history.events_topic or cause.partition != history.home(event.job_id):
        return None
    if log is None or log.record(cause.offset) is None:
        return None
    return Step((cause.offset, _OUTPUT, cause.place), log.log_time(cause.offset), record, event)
