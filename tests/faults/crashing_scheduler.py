"""A scheduler that signals itself: `python -m tests.faults.crashing_scheduler STEP COMMITS [SIGNAL]`."""

import os
import signal
import sys

from joblog.processors.scheduler.app import SchedulerProcess
from joblog.streams.settings import Settings
from joblog.streams.store import CommitStep


def main(step: CommitStep, commits: int, signum: signal.Signals = signal.SIGKILL) -> None:
    """Die, or be stopped, when so many commits, over all partitions, have reached the step."""
    left = commits

    def reached(now: CommitStep) -> None:
        nonlocal left
        if now == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signum)

    SchedulerProcess(Settings(), reached).run()


if __name__ == "__main__":
    main(
        CommitStep(sys.argv[1]), int(sys.argv[2]), *(signal.Signals[name] for name in sys.argv[3:])
    )
