"""A worker as a process of its own; its settings come from the environment."""

import asyncio
import logging

import uvloop

from joblog.processors.worker import run_worker
from joblog.streams.settings import Settings
from tests.kafka.worker.jobs import REGISTRY

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_worker(Settings(), REGISTRY))
