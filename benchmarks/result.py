"""What runs measured, stored raw so that a broken-off benchmark goes on where it stopped."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import Final

SOURCES: Final = (
    "schemas",
    "lifecycle",
    "streams",
    "processors",
    "src",
    "benchmarks",
    "requirements",
)
SUFFIXES: Final = frozenset({".py", ".avsc", ".lock", ".txt"})
REPORT: Final = Path("benchmarks/report")
"""What shows figures measures nothing: a new plot does not make them stale."""


@dataclass(frozen=True)
class Run:
    """One run of one variant of a measure.

    Attributes:
        variant: what was measured: a system, or a size.
        figures: what was found, by name.
        cpu_seconds: CPU time of each process, by name.
        version: version of the system.
        quick: whether it was a short run.
        source: hash of the sources and the lock that it ran with.
        machine: what it ran on.
    """

    variant: str
    figures: Mapping[str, float]
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    quick: bool = False
    source: str = ""
    machine: str = ""


class WrongJobsError(Exception):
    """A system lost or invented jobs: its figure is no result."""

    def __init__(self, system: str, expected: int, found: int) -> None:
        super().__init__(f"{system} ran {found} of {expected} jobs: this is no result")


@cache
def source_hash() -> str:
    """Return a hash of all that is measured and measures: figures of other sources are not comparable."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        files = [path for path in Path(folder).rglob("*") if path.suffix in SUFFIXES]
        for file in sorted(path for path in files if REPORT not in path.parents):
            digest.update(f"{file}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def p50_p99(times: Sequence[float]) -> tuple[float, float]:
    """Return median and 99th percentile."""
    return median(times), quantiles(times, n=100, method="inclusive")[98]


def load(path: Path) -> list[Run]:
    """Return the runs that were stored before."""
    if not path.exists():
        return []
    return [Run(**run) for run in json.loads(path.read_text())]


def store(path: Path, runs: Sequence[Run]) -> None:
    """Store all runs, raw."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")
