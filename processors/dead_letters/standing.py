"""How things stand with a dead letter: is it still to be dealt with?"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import NamedTuple

from joblog.lifecycle.states import Status
from joblog.processors.dead_letters.letters import DeadLetter


class Standing(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    """Nobody has dealt with it."""
    REDRIVEN = "redriven"
    """Its job or record was sent on its way again; if that failed too, there is a newer dead letter."""
    DISCARDED = "discarded"
    """It was marked as dealt with."""


class JobState(NamedTuple):
    """What a job's row says that matters to its dead letters; fields as in `JobRow`."""

    generation: int
    status: str
    discarded: bool
    partition: int
    submission_offset: int


LookUp = Callable[[str], Awaitable[JobState | None]]
"""Finds a job's state by its id, None where there is no such job."""


class Judged(NamedTuple):
    """A dead letter, and how things stand with it.

    Attributes:
        letter: the dead letter.
        standing: what became of it.
        is_of_job: whether it is a whole job's, and not that of a single refused record.
    """

    letter: DeadLetter
    standing: Standing
    is_of_job: bool


def is_of_job(letter: DeadLetter, job: JobState, events_topic: str) -> bool:
    """Return whether a dead letter is a job's, and not that of a refused record with the job's id.

    A job's dead letter holds its submission, which stands in the events topic; a record of a work or
    delay topic may have the same partition and offset there.
    """
    original = letter.event.original
    submission = (events_topic, job.partition, job.submission_offset)
    return submission == (original.topic, original.partition, original.offset)


def standing_of_job(letter: DeadLetter, job: JobState) -> Standing:
    """Return how things stand with a job's dead letter."""
    if job.generation != letter.event.generation or job.status != Status.DEAD_LETTERED:
        return Standing.REDRIVEN
    return Standing.DISCARDED if job.discarded else Standing.OPEN
