"""The log of a process: plain lines on standard error."""

import logging
import sys
import time
from typing import Final

FORMAT: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-8s %(name)s: %(message)s"
LIBRARIES: Final = ("aiohttp", "aiokafka", "asyncio", "faust", "kafka", "mode", "watchfiles")


def keep_libraries_quiet() -> None:
    """Log nothing of what libraries mend by themselves; what they do not is an error of the command."""
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL)


def set_up_logging() -> None:
    """Log joblog's doings from INFO on, those of libraries from WARNING on; times in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
