"""What the delay service does with a record whose wait is over."""

from typing import NamedTuple

from joblog.lifecycle.delays import Tier
from joblog.processors.delays.backlog import Entry
from joblog.processors.delays.records import Refused, WakeUp
from joblog.streams.records import Inbound


class Wake(NamedTuple):
    """Tell the scheduler that a job is due."""

    entry: Entry
    wake_up: WakeUp


class Hop(NamedTuple):
    """Pass a record on to the tier that takes the rest of its wait."""

    entry: Entry
    record: Inbound
    tier: Tier


class DeadLetter(NamedTuple):
    """Dead-letter a record that does not belong on a delay topic."""

    entry: Entry
    refused: Refused


Step = Wake | Hop | DeadLetter
