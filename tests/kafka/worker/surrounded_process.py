"""A worker with resources as a process of its own; its settings come from the environment."""

import asyncio
import logging
import sys

import uvloop

from joblog.processors.worker import run_worker
from joblog.schemas.errors import JoblogError
from joblog.streams.settings import Settings
from tests.kafka.worker.surrounded import REGISTRY, note

FAILED = 3

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(run_worker(Settings(), REGISTRY))
        except JoblogError as error:
            note(f"{error}; {getattr(error, '__notes__', [])}".replace(" ", "_"))
            sys.exit(FAILED)
