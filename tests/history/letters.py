"""Dead letters: those that end a job, and those that refuse a record."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.history.history import History
from tests.history.records import At, Event, Original, Record

REFUSAL_REASONS: Final = frozenset(
    {"poison", "unknown_schema", "unknown_job", "illegal", "unsupported"}
)
"""Reasons that are about a record, never about a job."""

JOB_REASONS: Final = frozenset({"exhausted", "fatal", "lost", "unknown_type"})
"""Reasons that are about a job, never about a record."""

EITHER: Final = frozenset({"too_large", "rule_raised"})
"""Reasons that may be about both."""


def original_of(event: Event) -> Original:
    """Return the record that a dead letter holds."""
    original = event.fields["original"]
    if not isinstance(original, Original):
        raise TypeError(f"{event.name} {event.event_id} is no dead letter")
    return original


class Letters:
    """The dead letters of a history, without repeats.

    A letter of the reasons `EITHER` about a submission ended the job where the table of jobs has a row
    that this submission opened; otherwise it refused the submission, and there never was a job.

    Attributes:
        of_jobs: letters that ended a generation of a job.
        refusals: letters that refused a record, by the record's coordinates.
    """

    def __init__(self, history: History) -> None:
        self.of_jobs: list[Record] = []
        self.refusals: dict[At, list[Record]] = {}
        opened = set(_opening_submissions(history))
        for letter, event in _without_repeats(history):
            at = original_of(event).at
            if event.fields["reason"] in JOB_REASONS or (
                event.fields["reason"] not in REFUSAL_REASONS and at in opened
            ):
                self.of_jobs.append(letter)
            else:
                self.refusals.setdefault(at, []).append(letter)


def _without_repeats(history: History) -> Iterator[tuple[Record, Event]]:
    seen = set()
    for letter in history.dead_letters:
        event = letter.event
        if event is not None and event.name == "JobDeadLettered" and event.event_id not in seen:
            seen.add(event.event_id)
            yield letter, event


def _opening_submissions(history: History) -> Iterator[At]:
    for (partition, _), row in history.rows.items():
        if row.event is not None:
            fields: Mapping[str, int] = row.event.fields
            yield At(history.events_topic, partition, fields["submission_offset"])
