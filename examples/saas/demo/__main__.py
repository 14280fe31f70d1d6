"""`python -m examples.saas.demo`: thousands of real jobs through a real Kafka, and the proof of the tables."""

import argparse
import asyncio
import shutil
import signal
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from examples.saas.demo.run import LONGEST, Demo
from examples.saas.demo.services import CommandFailedError, ServiceEndedError
from examples.saas.demo.workload import FULL, SMALL
from joblog import JoblogError

DIRECTORY: Final = Path(".demo")
"""Emptied at the start; it stays at the end, with the logs of all processes."""

WIDTH: Final = 160
"""Columns where the output is no terminal."""

INTERRUPTED: Final = 128 + signal.SIGINT


def main() -> int:
    """Run the demo; return 0 if all is as it has to be."""
    parser = argparse.ArgumentParser(prog="examples.saas.demo", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few hundred jobs instead")
    scale = SMALL if parser.parse_args().small else FULL
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    try:
        wrong = asyncio.run(_until_told_to_end(Demo(scale, DIRECTORY.absolute(), console)))
    except (CommandFailedError, JoblogError, ServiceEndedError) as error:
        wrong = [str(error)]
    except TimeoutError:
        wrong = [f"it was not done after {LONGEST:g} s: see {DIRECTORY}/logs"]
    except asyncio.CancelledError:
        console.print("interrupted; all processes have ended")
        return INTERRUPTED
    for difference in wrong:
        console.print(f"not as it has to be: {difference}", markup=False, style="red")
    console.print("THE DEMO FAILED" if wrong else "Everything is as it has to be.")
    return 1 if wrong else 0


async def _until_told_to_end(demo: Demo) -> list[str]:
    running = asyncio.ensure_future(demo.run())
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell ignores SIGINT for its background jobs
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    return await running


if __name__ == "__main__":
    sys.exit(main())
