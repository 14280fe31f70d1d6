"""Takes clocks and chance away, so that what asks for them fails instead of being different each time."""

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from joblog.schemas.errors import JoblogError

_FORBIDDEN: Final[tuple[tuple[Any, str], ...]] = (
    *(
        (time, f"{clock}{unit}")
        for clock in ("time", "monotonic", "perf_counter", "process_time", "thread_time")
        for unit in ("", "_ns")
    ),
    *(
        (random, name)
        for name in (
            *("random", "uniform", "randint", "randrange", "getrandbits", "randbytes"),
            *("choice", "choices", "sample", "shuffle", "Random", "SystemRandom"),
        )
    ),
    *((uuid, name) for name in ("uuid1", "uuid4")),
    (os, "urandom"),
)


class ImpureDecisionError(JoblogError):
    """A decision asked for something that is not in the log.

    Attributes:
        asked: what it asked for.
    """

    def __init__(self, asked: str) -> None:
        self.asked = asked
        super().__init__(
            f"a decision called {asked}, but decisions are functions of the log alone: take the time "
            "from the record, and ids from its position"
        )


@contextmanager
def nothing_but_the_log() -> Iterator[None]:
    """Make clocks and random sources raise ImpureDecisionError. Synchronous code only."""
    kept = [(module, name, getattr(module, name)) for module, name in _FORBIDDEN]
    for module, name, _ in kept:
        setattr(module, name, _refusing(f"{module.__name__}.{name}"))
    try:
        yield
    finally:
        for module, name, function in kept:
            setattr(module, name, function)


def _refusing(asked: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise ImpureDecisionError(asked)

    return refuse
