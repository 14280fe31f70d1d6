"""A relay as a process of its own; STEP and SIGNAL of the environment may say where and how it signals itself."""

import asyncio
import logging
import os
import signal

from joblog.outbox.relay import run_relay
from joblog.outbox.relay.steps import RelayStep
from joblog.streams.settings import Settings

STEP = os.environ.get("STEP")
SIGNAL = signal.Signals[os.environ.get("SIGNAL", "SIGKILL")]


def reached(step: RelayStep) -> None:
    if step == STEP:
        os.kill(os.getpid(), SIGNAL)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(run_relay(Settings(), reached))
