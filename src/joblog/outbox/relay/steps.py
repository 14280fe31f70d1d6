"""The steps of a relay's batch, between which it may be killed."""

from collections.abc import Callable
from enum import StrEnum


class RelayStep(StrEnum):
    """The steps, in order; a crash after any of them loses nothing and adds no job.

    After a crash up to `REMOVED` the entries are still in the table, and are published, from `PUBLISHED` on
    for the second time: the same bytes, which change nothing.
    """

    TAKEN = "taken"
    ANNOUNCED = "announced"
    PUBLISHED = "published"
    REMOVED = "removed"
    COMMITTED = "committed"


Reached = Callable[[RelayStep], None]
"""Told each step of a batch once it is done, so that a test can end the process there."""


def ignore(_step: RelayStep) -> None:
    """Take no notice of a step."""
