"""What one run of one system measured."""

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

WARM_UP: Final = 1_000
"""Jobs that a system runs before it is measured, so that none is measured at its start."""


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        system: name of the system.
        version: its version.
        jobs: how many jobs it ran.
        seconds: first submit to last recorded outcome.
        cpu_seconds: of each of its processes, broker and submitter included.
        stages: times of each stage in ms, as p50 and p99.
        asked: how many jobs it was to run; a slow peer runs fewer.
        source: hash of the sources and the lock that it ran with.
    """

    system: str
    version: str
    jobs: int
    seconds: float
    cpu_seconds: Mapping[str, float]
    stages: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    asked: int = 0
    source: str = ""

    @property
    def jobs_per_second(self) -> float:
        """Throughput, end to end."""
        return self.jobs / self.seconds


class WrongJobsError(Exception):
    """A system lost or invented jobs: its figure is no result."""

    def __init__(self, system: str, expected: int, found: int) -> None:
        super().__init__(f"{system} ran {found} of {expected} jobs: this is no result")


@cache
def source_hash() -> str:
    """Return a hash of all that is measured and measures: figures of other sources are not comparable."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for file in sorted(path for path in Path(folder).rglob("*") if path.suffix in SUFFIXES):
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
