"""What the rules judge."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from tests.history.faults import Fault
from tests.history.history import History
from tests.history.ledger import AttemptKey, Effect, Effects
from tests.history.letters import Letters
from tests.history.records import At
from tests.history.story import Attempt, Story, stories

CLOCK_ALLOWANCE_MS = 5
"""How much earlier than the broker's time of what came before it a handler's time may be.

Broker and handlers read the same machine's clock, and both cut off fractions of a ms; the rest is for slewing.
"""


class Acknowledged(NamedTuple):
    """A submission whose write the broker acknowledged: the job id, and where the record stands."""

    job_id: str
    partition: int
    offset: int


class Problem(NamedTuple):
    """What breaks a rule.

    Attributes:
        detail: what was found, and what was to be expected.
        job: the job's id, empty where it concerns none.
        at: the records that show it.
    """

    detail: str
    job: str = ""
    at: tuple[At, ...] = ()


@dataclass(frozen=True)
class Case:
    """A history with all that it is judged by.

    Attributes:
        history: what the topics hold.
        letters: its dead letters.
        stories: the story of each job.
        attempts: all attempts that were dispatched.
        acknowledged: the acknowledged submissions.
        effects: the handlers' ledger, None where handlers keep none.
        faults: the faults that were injected.
    """

    history: History
    letters: Letters
    stories: dict[str, Story]
    attempts: dict[AttemptKey, Attempt]
    acknowledged: Sequence[Acknowledged]
    effects: Effects | None
    faults: Sequence[Fault]

    @classmethod
    def of(
        cls,
        history: History,
        acknowledged: Iterable[Acknowledged] | None,
        effects: Iterable[Effect] | None,
        faults: Iterable[Fault],
    ) -> Self:
        """Interpret a history. Without a list, every submission in the log counts as acknowledged."""
        letters = Letters(history)
        told = stories(history, letters)
        return cls(
            history,
            letters,
            told,
            dict(_by_key(told)),
            list(_all_submissions(history) if acknowledged is None else acknowledged),
            None if effects is None else Effects(effects),
            list(faults),
        )


Rule = Callable[[Case], Iterator[Problem]]
"""A rule that every history has to keep; its name and docstring say what it is."""


def _by_key(told: dict[str, Story]) -> Iterator[tuple[AttemptKey, Attempt]]:
    for job_id, story in told.items():
        for attempt in story.attempts():
            yield (job_id, attempt.generation, attempt.ordinal), attempt


def _all_submissions(history: History) -> Iterator[Acknowledged]:
    for record in history.events:
        if record.event is not None and record.event.name == "JobSubmitted":
            yield Acknowledged(record.event.job_id, record.at.partition, record.at.offset)
