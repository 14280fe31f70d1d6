"""docs/states.md, from the table of states."""

from typing import Final

from joblog.lifecycle.states import TRANSITIONS, Status
from joblog.streams.documents.markdown import code, document, table
from joblog.streams.documents.words import meanings

_INTRODUCTION: Final = """\
A job is in one state at a time, for each generation: a submission opens generation 1, each redrive
the next one. Every change of state is caused by a record of `<namespace>.events`; `(dispatch)` stands
for room in the dispatch window, which such a record makes, and `(turn)` for the turn of a job among those
of its ordering key ([ordered.md](ordered.md)), which comes when such a record ends the last one before it.
What is not in the table does not happen: an event that would be another change is stale, changes nothing
and is counted. One thing comes beside it:
a job that a rule raises for, each time, is dead-lettered as `rule_raised` instead of waiting for ever."""
_PICTURE: Final = """\
![The states of a job, and which event moves it on](pictures/states.svg)"""
_PROMISE: Final = """\
The first terminal event in the log wins. Execution is at least once, the recorded outcome exactly
once: see [idempotency.md](idempotency.md)."""


def states_document() -> str:
    """Return the document."""
    return document(
        "States of a job",
        _INTRODUCTION,
        _PICTURE,
        "## States",
        _states(),
        "## Changes",
        _changes(),
        _PROMISE,
    )


def _states() -> str:
    meaning = meanings(Status)
    return table(("State", "Meaning"), [(code(status), meaning[status]) for status in Status])


def _changes() -> str:
    rows = [
        (
            "(none)" if source is None else code(source.value),
            code(event),
            ", ".join(code(status.value) for status in Status if status in targets),
        )
        for (source, event), targets in TRANSITIONS.items()
    ]
    return table(("From", "Event", "To"), rows)
