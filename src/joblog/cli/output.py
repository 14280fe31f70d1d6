"""What commands show: data on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

NARROWEST = 160
"""Columns of a table where the output is no terminal: a pipe has room."""


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on one line."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None
) -> None:
    """Print a table; None is shown as an empty cell."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")  # what is cut off cannot be copied
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(table)


def shortened(text: str, characters: int) -> str:
    """Return a text that fits; where it is cut, an ellipsis says so."""
    return text if len(text) <= characters else text[: characters - 1] + "…"


def console(*, stderr: bool = False) -> Console:
    """Return a console for standard output or standard error."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else NARROWEST, highlight=False)


def note(text: str) -> None:
    """Say something on standard error."""
    console(stderr=True).print(text, markup=False, soft_wrap=True)


@contextmanager
def progress_bar(description: str, total: int | None = None) -> Iterator["Steps"]:
    """Show progress on standard error while the block runs; nothing where it is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    shown = console(stderr=True)
    quiet = not shown.is_terminal
    with Progress(*columns, console=shown, transient=True, disable=quiet) as progress:
        yield Steps(progress, progress.add_task(description, total=total))


class Steps:
    """Tells a progress bar how far the work is."""

    def __init__(self, progress: Progress, task: Any) -> None:  # noqa: ANN401 - rich's TaskID
        self._progress = progress
        self._task = task

    def __call__(self, done: int, total: int | None = None) -> None:
        """So much is done, of so much."""
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def job_progress_bar(description: str, total: int | None) -> Iterator["JobSteps"]:
    """Show on standard error how many jobs were made of how much input, and how fast.

    Args:
        description: what is done.
        total: bytes of the input, None where nobody knows.
    """
    of_known_size = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *(() if total is None else of_known_size),
        _Jobs(),
        TimeElapsedColumn(),
    )
    shown = console(stderr=True)
    with Progress(*columns, console=shown, disable=not shown.is_terminal) as progress:
        yield JobSteps(progress, progress.add_task(description, total=total, jobs=0))


class JobSteps:
    """Tells a progress bar how many jobs there are, and how much of the input was read."""

    def __init__(self, progress: Progress, task: Any) -> None:  # noqa: ANN401 - rich's TaskID
        self._progress = progress
        self._task = task

    def __call__(self, jobs: int, done: int) -> None:
        """So many jobs, of so many bytes."""
        self._progress.update(self._task, completed=done, jobs=jobs)


class _Jobs(ProgressColumn):
    def render(self, task: Task) -> Text:
        jobs: int = task.fields["jobs"]
        rate = jobs / task.elapsed if task.elapsed else 0.0
        return Text(f"{jobs:,} jobs, {rate:,.0f}/s")


def utc(value: datetime | int | None) -> str:
    """Return a time (ms since the Unix epoch where it is a number) in UTC, to the millisecond."""
    if value is None:
        return ""
    if isinstance(value, int):
        value = datetime.fromtimestamp(value / 1_000, UTC)
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
