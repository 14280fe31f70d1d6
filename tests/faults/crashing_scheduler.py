"""A scheduler that kills itself: `python -m tests.faults.crashing_scheduler STEP COMMITS`."""

import os
import signal
import sys

from joblog.processors.scheduler.app import SchedulerProcess
from joblog.streams.settings import Settings
from joblog.streams.store import CommitStep


def main(step: CommitStep, commits: int) -> None:
    """Die when so many commits, over all partitions, have reached the step."""
    left = commits

    def reached(now: CommitStep) -> None:
        nonlocal left
        left -= now == step
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    SchedulerProcess(Settings(), reached).run()


if __name__ == "__main__":
    main(CommitStep(sys.argv[1]), int(sys.argv[2]))
