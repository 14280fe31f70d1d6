"""What became of the planned jobs."""

from typing import NamedTuple

from examples.saas.demo.workload import Planned
from joblog import Job


class Outcome(NamedTuple):
    """A planned job, and what became of it.

    Attributes:
        planned: the plan.
        job_ids: ids that its submissions got.
        job: the job at its end.
    """

    planned: Planned
    job_ids: frozenset[str]
    job: Job
