"""Bars that a random schedule does not show: each has a run of its own."""

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

from tests.chaos.bars import memory, takeover, throughput
from tests.chaos.bars.figure import Figure

BARS: Final[Mapping[str, Callable[[Path], Coroutine[Any, Any, list[Figure]]]]] = {
    "takeover": takeover.measure,
    "throughput": throughput.measure,
    "memory": memory.measure,
}
"""Each runs in an empty directory, and returns what it has measured."""
