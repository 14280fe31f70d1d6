"""Where the lines come from, and how much of them was read."""

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

import typer


class Format(StrEnum):
    """What the lines are."""

    CSV = "csv"
    """Comma-separated values (RFC 4180); the first line names the columns."""
    JSONL = "jsonl"
    """A JSON document on each line."""


_SUFFIXES: Final = {".csv": Format.CSV, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}


class Source:
    """Lines of a file or of standard input.

    Attributes:
        total: all bytes, None where nobody knows it before the end.
        done: bytes read so far.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.total = _size_of(stream)
        self.done = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._stream:
            self.done += len(line)
            yield line


@contextmanager
def opened(path: Path | None) -> Iterator[Source]:
    """Open a file, or take standard input where there is none."""
    if path is None:
        yield Source(sys.stdin.buffer)
        return
    with path.open("rb") as stream:
        yield Source(stream)


def is_read(path: Path, source: Path | None) -> bool:
    """Return whether a file is the source, None for standard input, under this name or another."""
    if not path.is_file():  # a terminal is read and written
        return False
    if source is not None:
        return path.samefile(source)
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdin.buffer.fileno()))
    except io.UnsupportedOperation:
        return False


def format_of(path: Path | None, chosen: Format | None) -> Format:
    """Return what the lines are: as chosen, else by the file's suffix; standard input has JSON lines.

    Raises:
        typer.BadParameter: the suffix tells nothing.
    """
    if chosen is not None:
        return chosen
    if path is None:
        return Format.JSONL
    guessed = _SUFFIXES.get(path.suffix.lower())
    if guessed is None:
        raise typer.BadParameter(
            f"{path.name} does not say what its lines are (.csv, .jsonl or .ndjson would): give --format"
        )
    return guessed


def _size_of(stream: IO[bytes]) -> int | None:
    try:
        found = os.fstat(stream.fileno())
    except io.UnsupportedOperation:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
