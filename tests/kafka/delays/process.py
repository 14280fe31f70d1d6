"""A delay service as a process of its own; its settings come from the environment."""

import asyncio
import logging

from joblog.processors.delays import run_delays
from joblog.streams.settings import Settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(run_delays(Settings()))
