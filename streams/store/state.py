"""What the state of a partition of joblog.events is made of."""

from typing import Final

from joblog.lifecycle.partition.keys import derive, may_derive
from joblog.streams.store.abc import Derivation

STATE: Final = Derivation("1", derive, may_derive)
"""Backlog and timers follow from rows and held records. Give it a new version whenever `derive` changes."""
