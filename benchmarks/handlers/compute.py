"""The handler that computes in pure Python, in a process of its own."""

import time
from typing import Final

from pydantic import BaseModel

from benchmarks.handlers.noop import Nothing
from joblog import job

CPU_SECONDS: Final = 0.2
TERMS: Final = 1_000
"""Numbers that are added up between two looks at the clock: some 20 µs."""


class Computed(BaseModel):
    """What a run took; clocks of one machine, so that runs in several processes compare.

    Attributes:
        number: which job it was.
        started: when it began, in seconds of the monotonic clock.
        ended: when it ended.
        cpu_seconds: CPU time of its process in between.
    """

    number: int
    started: float
    ended: float
    cpu_seconds: float


@job("compute", run_in="process")
def compute(payload: Nothing) -> Computed:
    """Compute until 200 ms of CPU time are used, however long the machine takes for that."""
    started, begun = time.monotonic(), time.process_time()
    while (used := time.process_time() - begun) < CPU_SECONDS:
        sum(range(TERMS))
    return Computed(
        number=payload.number, started=started, ended=time.monotonic(), cpu_seconds=used
    )
