"""What handlers really did, in their own words: a line for each start and each end.

A handler appends its lines with one write each to a file opened with O_APPEND, so that those of many
processes never mix, and a SIGKILL of any of them cuts none.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from tests.history.errors import MalformedLineError

What = Literal["start", "end"]

_FIELDS: Final = {
    "job_id": str,
    "generation": int,
    "attempt": int,
    "at_ms": int,
    "worker_pid": int,
    "what": str,
}


class Effect(NamedTuple):
    """A handler's line.

    Attributes:
        job_id: the job's id.
        generation: its generation.
        attempt: ordinal of the attempt.
        at_ms: when, by the clock of the handler's machine, ms since the Unix epoch.
        worker_pid: process id of the handler.
        what: `start` is the handler's first act, `end` its last one.
    """

    job_id: str
    generation: int
    attempt: int
    at_ms: int
    worker_pid: int
    what: What


def wall_clock() -> int:
    """Return the machine's time, ms since the Unix epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Ledger:
    """A file to which handlers of any process append.

    Attributes:
        path: the file; it is made by the first line.
        clock: gives ms since the Unix epoch. Defaults to the machine's clock, which the broker shares.
    """

    path: Path
    clock: Callable[[], int] = wall_clock

    def append(self, job_id: str, generation: int, attempt: int, what: What) -> None:
        """Append a line.

        Raises:
            OSError: it cannot be written.
        """
        effect = Effect(job_id, generation, attempt, self.clock(), os.getpid(), what)
        line = json.dumps(effect._asdict(), separators=(",", ":")).encode() + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def read_ledger(path: Path) -> list[Effect]:
    """Return all lines of a file, or of all `*.jsonl` files of a directory.

    Raises:
        MalformedLineError: a line is not what a handler writes.
        OSError: there is no such file.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return [effect for file in files for effect in _effects(file)]


def _effects(file: Path) -> Iterator[Effect]:
    for line in file.read_text().splitlines():
        yield _effect(file, line)


def _effect(file: Path, line: str) -> Effect:
    try:
        fields: Any = json.loads(line)
    except ValueError as error:
        raise MalformedLineError(str(file), line, str(error)) from error
    for name, kind in _FIELDS.items():
        if not isinstance(fields, dict) or type(fields.get(name)) is not kind:
            raise MalformedLineError(str(file), line, f"{name} has to be a {kind.__name__}")
    if fields["what"] not in {"start", "end"}:
        raise MalformedLineError(str(file), line, "what has to be start or end")
    return Effect(**{name: fields[name] for name in _FIELDS})


AttemptKey = tuple[str, int, int]
"""Job id, generation, attempt."""


class Effects:
    """The lines of a ledger by attempt, each in the order of time.

    Args:
        lines: the lines, in any order.
    """

    def __init__(self, lines: Iterable[Effect]) -> None:
        self.starts: dict[AttemptKey, list[Effect]] = {}
        self.ends: dict[AttemptKey, list[Effect]] = {}
        for line in sorted(lines, key=lambda line: line.at_ms):
            kept = self.starts if line.what == "start" else self.ends
            kept.setdefault((line.job_id, line.generation, line.attempt), []).append(line)
