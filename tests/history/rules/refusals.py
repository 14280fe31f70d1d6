"""No record is lost without a word: it moves a job, is refused on the dead-letter topic, or waits."""

from collections.abc import Iterator
from sys import maxsize

from tests.history.case import Case, Problem
from tests.history.history import SCHEDULER_FACTS
from tests.history.letters import original_of
from tests.history.partition_log import NEVER
from tests.history.records import At, Content, Event, Original, Record
from tests.history.steps import INPUTS

ABOUT_THE_LOG = frozenset(
    {
        "LogOpened",
        "Tick",
        "TypeAnnounced",
        "LimitsAnnounced",
        "SchemaAnnounced",
        "RulesActivated",
        "TopicsAnnounced",
    }
)
"""Events of the events topic that are no job's."""

FRAMING_BYTES = 1_024
"""Most that Avro adds to the parts of a dead letter: this close to the limit both is right."""


def bad_records_have_one_dead_letter(case: Case) -> Iterator[Problem]:
    """A record of the events topic that is bad has one dead letter, or waits for its schema.

    Bad is what cannot be decoded, may not stand on this topic, has a key other than its job id, or is
    about a job never submitted.
    """
    held = _held(case)
    for record in case.history.events:
        letters = case.letters.refusals.get(record.at, [])
        reason = _why_bad(case, record)
        if len(letters) > 1:
            yield Problem(
                f"{len(letters)} different dead letters for one record",
                at=(record.at, *(letter.at for letter in letters)),
            )
        if reason and not letters and record.at not in held:
            yield Problem(f"{reason}, and it has no dead letter", at=(record.at,))
    yield from _about_unknown_jobs(case)


def misplaced_records_are_forwarded(case: Case) -> Iterator[Problem]:
    """An event of a job in a wrong partition stands in the right one too, byte for byte."""
    home_records = {
        (record.at.partition, record.content.value, record.content.key)
        for record in case.history.events
    }
    for record in case.history.events:
        event = record.event
        if event is None or not event.job_id or record.at in case.letters.refusals:
            continue
        home = case.history.home(event.job_id)
        copy = (home, record.content.value, record.content.key)
        if record.at.partition != home and copy not in home_records:
            yield Problem(
                f"{event.name} belongs into partition {home} and is not there",
                event.job_id,
                (record.at,),
            )


def dead_letters_hold_the_original(case: Case) -> Iterator[Problem]:
    """A dead letter holds key, value and headers of the record at the coordinates that it names.

    That of a job holds its submission, and of the headers those that do not follow from the event. A value
    may be left out only where the dead letter would be larger than the log allows.
    """
    refusals = {id(letter) for letters in case.letters.refusals.values() for letter in letters}
    for letter in case.history.dead_letters:
        event = letter.event
        if event is None or event.name != "JobDeadLettered":
            continue
        original = original_of(event)
        record = case.history.record(original.at)
        if record is None:
            detail = f"its original {original.at} is not in the log"
        elif _lacks_value(original.content, record.content):
            detail = _left_out(case, event, letter.content, record.content)
        else:
            detail = _difference(original, record, whole=id(letter) in refusals)
        if detail:
            yield Problem(detail, event.job_id, (letter.at, original.at))


def _why_bad(case: Case, record: Record) -> str:
    event = record.event
    if event is None:
        return record.problem
    if event.job_id and record.content.key != event.job_id.encode():
        return f"its key {record.content.key!r} is not its job id {event.job_id!r}"
    if event.job_id and record.at.partition != case.history.home(event.job_id):
        return ""
    if event.name not in INPUTS | SCHEDULER_FACTS | ABOUT_THE_LOG:
        return f"{event.name} may not stand on this topic"
    return ""


def _held(case: Case) -> set[At]:
    """Return the coordinates of the records that the table of knowledge says wait."""
    waiting = {
        record.event.fields["original"].at
        for record in case.history.knowledge.values()
        if record.event is not None and record.event.name == "HeldRecord"
    }
    return {
        record.at
        for record in case.history.events
        if record.decided_at == NEVER and record.at in waiting
    }


def _about_unknown_jobs(case: Case) -> Iterator[Problem]:
    for story in case.stories.values():
        for move in story.moves:
            event = move.step.event
            if not move.after.status and event.name in INPUTS:
                yield Problem(
                    f"{event.name} of a job that was never submitted, and it has no dead letter",
                    story.job_id,
                    (move.step.record.at,),
                )


def _lacks_value(original: Content, record: Content) -> bool:
    return original.value is None and record.value is not None and original.key == record.key


def _difference(original: Original, record: Record, *, whole: bool) -> str:
    found, expected = original.content, record.content
    differs = {
        "key": found.key != expected.key,
        "value": found.value != expected.value,
        "headers": whole and found.headers != expected.headers,
        "own headers": found.own_headers != expected.own_headers,
        "timestamp": whole and original.timestamp != record.timestamp,
    }
    wrong = [name for name, is_wrong in differs.items() if is_wrong]
    return f"{', '.join(wrong)} of its original differ from the record's" if wrong else ""


def _left_out(case: Case, event: Event, letter: Content, record: Content) -> str:
    limit = _most_bytes(case, event)
    if letter.size + record.size + FRAMING_BYTES > limit:
        return ""
    return f"the original's value of {record.size} bytes is left out, though {limit} are allowed"


def _most_bytes(case: Case, event: Event) -> int:
    """Return how large a dead letter may be; that of a work or delay record keeps the last known limit."""
    offset, partition = maxsize, 0
    if event.cause is not None and event.cause.topic == case.history.events_topic:
        offset, partition = event.cause.offset, event.cause.partition
    limits = case.history.logs[partition].announcements.limits_at(offset)
    return int(limits["max_dead_letter_bytes"])
