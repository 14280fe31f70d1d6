"""What the scheduler puts out, and what its tables hold, follows from the log and from nothing else."""

from collections.abc import Hashable, Iterator

from tests.history.case import Case, Problem
from tests.history.records import At, Cause, Event, Record
from tests.history.state import BLOCKED, PENDING
from tests.history.steps import INPUTS
from tests.history.story import Story


def repeats_are_byte_equal(case: Case) -> Iterator[Problem]:
    """Outputs of one event id, or of one cause and index, are equal in every byte, and in one partition.

    A delayed record may stand in several tiers of delay; any other output stands in one topic only.
    """
    first_of: dict[Hashable, Record] = {}
    for record in case.history.outputs:
        event = record.event
        if event is None:
            continue
        for name in (event.event_id, event.cause):
            first = first_of.setdefault(name, record)
            if name is not None and _identity(case, first) != _identity(case, record):
                yield Problem(
                    f"{event.name} {event.event_id} of cause {event.cause} differs from the first one",
                    event.job_id,
                    (first.at, record.at),
                )


def outputs_name_their_cause(case: Case) -> Iterator[Problem]:
    """Each output names the record of the events topic that led to it, and has its log time.

    It stands in the cause's partition (on the control topic, in the only one), and in its job's. The dead
    letter of a record of a work or delay topic names that record.
    """
    for record in case.history.outputs:
        detail = _unfounded(case, record)
        if record.event is not None and detail:
            yield Problem(detail, record.event.job_id, (record.at,))


def tables_agree_with_the_log(case: Case) -> Iterator[Problem]:
    """The table of jobs says what the log says, up to the position to which it is folded.

    Status, generation, attempt, failures and losses of each row agree; no row is missing, none is too many
    or in a wrong partition; and everything about jobs is folded.
    """
    yield from _unfolded(case)
    opened = {job_id for job_id, story in case.stories.items() if story.generations}
    for job_id, story in case.stories.items():
        yield from _row_differences(case, job_id, story)
    for (partition, key), row in case.history.rows.items():
        if row.event is None:
            continue
        expected = (case.history.home(row.event.job_id), row.event.job_id.encode())
        if (partition, key) != expected or row.event.job_id not in opened:
            yield Problem(
                "a row of a job that the log did not open here", row.event.job_id, (row.at,)
            )


def _identity(case: Case, record: Record) -> Hashable:
    delays = f"{case.history.namespace}.delay."
    topic = delays if record.at.topic.startswith(delays) else record.at.topic
    content = record.content
    return topic, record.at.partition, content.key, content.value, content.headers


def _unfounded(case: Case, record: Record) -> str:
    event, history = record.event, case.history
    if event is None or event.cause is None:
        return "it names no cause"
    cause = event.cause
    time = _time_of(case, event, cause)
    if time is None:
        return f"its cause {cause} is not in the log"
    is_letter = event.name == "JobDeadLettered"
    if not is_letter and history.home(event.job_id) != cause.partition:
        return f"its cause {cause} is in a partition that is not its job's"
    is_control = record.at.topic == f"{history.namespace}.control"
    if not is_control and record.at.partition != cause.partition:
        return f"it stands in partition {record.at.partition}, its cause {cause} does not"
    if event.time != time:
        return f"its time is {event.time}, the log time of its cause is {time}"
    return ""


def _time_of(case: Case, event: Event, cause: Cause) -> int | None:
    """Return the log time of a cause, None where it is no record that could be one."""
    found = case.history.record(At(cause.topic, cause.partition, cause.offset))
    if found is None:
        return None
    if cause.topic == case.history.events_topic:
        return case.history.logs[cause.partition].log_time(cause.offset)
    return found.timestamp if event.name == "JobDeadLettered" else None


def _unfolded(case: Case) -> Iterator[Problem]:
    for partition, log in case.history.logs.items():
        position = case.history.positions.get(partition, -1)
        about_jobs = [
            record.at.offset
            for record in log
            if record.event is None or record.event.name in INPUTS
        ]
        if about_jobs and about_jobs[-1] > position:
            yield Problem(
                f"the tables are folded up to offset {position}: wait until they have caught up",
                at=(At(case.history.events_topic, partition, about_jobs[-1]),),
            )


def _row_differences(case: Case, job_id: str, story: Story) -> Iterator[Problem]:
    partition = case.history.home(job_id)
    state = story.state_at(case.history.positions.get(partition, -1))
    row = case.history.rows.get((partition, job_id.encode()))
    if row is None or row.event is None:
        if state.status:
            yield Problem(f"the table has no row, the log says {state.status}", job_id)
        return
    status = row.event.fields["status"]
    found = (
        PENDING if status == BLOCKED else status,  # which of them has a rule of its own
        row.event.generation,
        row.event.fields["attempt"],
        row.event.fields["failures"],
        row.event.fields["losses"],
    )
    expected = (state.status, state.generation, state.attempt, state.failures, state.losses)
    names = ("status", "generation", "attempt", "failures", "losses")
    for name, is_, said in zip(names, found, expected, strict=True):
        if is_ != said:
            yield Problem(f"the row says {name} {is_!r}, the log says {said!r}", job_id, (row.at,))
