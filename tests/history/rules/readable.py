"""The history can be judged at all: it is whole, it is the log's own, and every record can be read."""

from collections.abc import Iterator

from tests.history.case import Case, Problem
from tests.history.faults import FaultKind, excuses
from tests.history.records import At, Record


def jobs_were_read(case: Case) -> Iterator[Problem]:
    """A history without any job proves nothing."""
    if not any(story.generations for story in case.stories.values()):
        records = sum(1 for _ in case.history.events)
        yield Problem(f"no job among {records} records of {case.history.events_topic}")


def topics_are_whole(case: Case) -> Iterator[Problem]:
    """No record of events, work, delay or dead letters was deleted before it was judged."""
    history = case.history
    kept = {f"{history.namespace}.{family}" for family in ("events", "dlq")}
    passing = tuple(f"{history.namespace}.{family}." for family in ("work", "delay"))
    for at, start in history.starts.items():
        if start > 0 and (at.topic in kept or at.topic.startswith(passing)):
            yield Problem(
                f"the first record is at offset {start}, not 0: keep what was done until it is judged",
                at=(At(at.topic, at.partition, start),),
            )


def records_have_log_time(case: Case) -> Iterator[Problem]:
    """Every record of the events topic has the broker's append time, which is what decides."""
    for record in case.history.events:
        if not record.has_log_time:
            yield Problem("the timestamp is not LogAppendTime", at=(record.at,))


def partitions_begin_with_log_opened(case: Case) -> Iterator[Problem]:
    """Each partition of the events topic begins with LogOpened: one log id, the true partition count."""
    log_ids = set()
    for log in case.history.logs.values():
        first = next(iter(log), None)
        problem = _opening_problem(first, log.partition, len(case.history.logs))
        if problem:
            at = At(case.history.events_topic, log.partition, 0) if first is None else first.at
            yield Problem(problem, at=(at,))
        for record in log:
            if record.event is not None and record.event.name == "LogOpened":
                log_ids.add(record.event.fields["log_id"])
    if len(log_ids) > 1:
        yield Problem(f"the partitions belong to different logs: {sorted(log_ids)}")


def passing_records_are_decodable(case: Case) -> Iterator[Problem]:
    """What the product itself writes can be read: work, delays, dead letters, control and tables."""
    history = case.history
    for record in (*history.work, *history.delay, *history.dead_letters):
        if record.event is None:
            yield Problem(record.problem, at=(record.at,))
    for record in (*history.control, *history.rows.values(), *history.knowledge.values()):
        if record.event is None and record.content.value is not None:
            yield Problem(record.problem, at=(record.at,))


def topics_hold_what_they_are_for(case: Case) -> Iterator[Problem]:
    """Work topics hold dispatches, delay topics what is put off, the others theirs, and nothing else."""
    history = case.history
    kinds = (
        (history.work, {"JobDispatched"}),
        (history.delay, {"JobDeferred", "RetryScheduled"}),
        (history.dead_letters, {"JobDeadLettered"}),
        (history.control, {"JobCancelRequested"}),
        (history.rows.values(), {"JobRow"}),
    )
    for records, names in kinds:
        for record in records:
            if record.event is not None and record.event.name not in names:
                yield Problem(
                    f"{record.event.name} stands where only {' and '.join(sorted(names))} may",
                    record.event.job_id,
                    (record.at,),
                )


def topics_are_lost_only_by_faults(case: Case) -> Iterator[Problem]:
    """The log says that a topic was made anew only where somebody has deleted it."""
    kinds = {FaultKind.TOPIC_DELETED}
    for log in case.history.logs.values():
        for lost in log.lost_topics:
            if not excuses(case.faults, lost.log_time, lost.log_time, kinds):
                yield Problem(
                    f"{lost.topic} is said to be another topic, and nobody had deleted it",
                    at=(At(case.history.events_topic, log.partition, lost.offset),),
                )


def _opening_problem(first: Record | None, partition: int, partitions: int) -> str:
    if first is None:
        return "the partition is empty, not even opened"
    if first.event is None or first.event.name != "LogOpened" or first.at.offset != 0:
        found = first.problem if first.event is None else first.event.name
        return f"the partition begins with {found!r} instead of LogOpened"
    said = (first.event.fields["partition"], first.event.fields["partitions"])
    if said != (partition, partitions):
        return f"LogOpened says partition {said[0]} of {said[1]}, it is {partition} of {partitions}"
    return ""
