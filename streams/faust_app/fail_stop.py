"""Ending the process on the first failure, before it commits anything more."""

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from joblog.streams.kafka.client import denial_in

EXIT_FAILURE: Final = 1
LAST_WORDS_SECONDS: Final = 2.0
"""How long saying why may take; whoever reads the log may be stuck, and must not keep the process."""

MISSING_RIGHT: Final = (
    "Kafka denies it: this login needs the ACLs of a scheduler, see joblog topics plan"
)

logger = logging.getLogger(__name__)


class FailStop:
    """Ends the process, once, and tells everything else of it to commit nothing more.

    A supervisor starts the process again, and it repeats the same bytes. Raising instead would
    not do: Faust acknowledges what an agent raised on, commits it while it stops, and may hang.

    Args:
        exit_process: how the process ends. By default at once: no finalizer, thread or lock can
            keep it.
    """

    def __init__(self, exit_process: Callable[[int], object] = os._exit) -> None:
        self._exit_process = exit_process
        self.reason: BaseException | None = None

    @property
    def failed(self) -> bool:
        """Whether the process is ending: nothing may be delivered or committed any more."""
        return self.reason is not None

    def fail(self, doing: str, reason: BaseException) -> None:
        """Log why and end the process; only the first reason counts."""
        if self.reason is not None:
            return
        self.reason = reason
        last_words = threading.Thread(target=_say, args=(doing, reason), daemon=True)
        last_words.start()
        last_words.join(LAST_WORDS_SECONDS)
        self._exit_process(EXIT_FAILURE)

    @contextmanager
    def fatal(self, doing: str) -> Iterator[None]:
        """Make every exception of the block end the process."""
        try:
            yield
        except Exception as reason:
            self.fail(doing, reason)
            raise


def _say(doing: str, reason: BaseException) -> None:
    logger.critical("%s failed, the process ends: %s", doing, reason, exc_info=reason)
    if denial_in(reason) is not None:
        logger.critical(MISSING_RIGHT)
    sys.stdout.flush()
    sys.stderr.flush()
