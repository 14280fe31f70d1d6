"""From the options of `joblog submit` to jobs of many lines."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from joblog.cli.bulk.csv_rows import csv_rows
from joblog.cli.bulk.errors import LinesRefusedError
from joblog.cli.bulk.json_rows import json_rows
from joblog.cli.bulk.rows import Refused
from joblog.cli.bulk.source import Format, opened
from joblog.cli.bulk.submitting import BulkSubmission
from joblog.cli.output import job_progress_bar, note, print_json
from joblog.cli.payload_type import PayloadForm
from joblog.client import Client, Options, Submitted


class Bulk(NamedTuple):
    """What to submit, and how.

    Attributes:
        path: the file; None is standard input.
        format: what its lines are.
        key: column or field with the idempotency key.
        skipped: where refused lines go; None ends at the first.
        as_json: print each submitted job.
    """

    path: Path | None
    format: Format
    key: str | None
    skipped: Path | None
    as_json: bool


async def submit_lines(client: Client, form: PayloadForm, options: Options, bulk: Bulk) -> None:
    """Submit a job for each line.

    Raises:
        ColumnsRefusedError: the columns of CSV are not those of the payload; nothing was submitted.
        LineRefusedError: a line is no job, and refused lines are not to be skipped.
        LinesRefusedError: some lines were skipped.
        LinesUnconfirmedError: some were not acknowledged.
        KafkaUnavailableError: no broker answers.
    """
    rows_of = csv_rows if bulk.format is Format.CSV else json_rows
    with (
        opened(bulk.path) as source,
        _skipping(bulk.skipped) as skip,
        job_progress_bar(f"submitting {form.type}", source.total) as progress,
    ):
        count = 0

        def show(submitted: Sequence[Submitted]) -> None:
            nonlocal count
            count += len(submitted)
            progress(count, source.done)
            if bulk.as_json:
                for one in submitted:
                    print_json(one._asdict())

        await BulkSubmission(client, form.type, options, show, skip).run(
            rows_of(source, form, bulk.key)
        )
    if bulk.skipped is not None and skip is not None and skip.lines:
        raise LinesRefusedError(skip.lines, bulk.skipped, count)
    note(f"{count} jobs submitted")


class Skipped:
    """Writes refused lines, each as a JSON document with what is wrong with it.

    The file is made, or emptied, when the first line is refused: what an earlier run wrote is not lost to a
    run that submits nothing.

    Args:
        path: the file.
        stack: closes it.

    Attributes:
        lines: how many there are.
    """

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._path = path
        self._stack = stack
        self._file: TextIO | None = None
        self.lines = 0

    def __call__(self, refused: Refused) -> None:
        """Write a line."""
        if self._file is None:
            self._file = self._stack.enter_context(self._path.open("w", encoding="utf-8"))
        self.lines += refused.last - refused.line + 1
        self._file.write(json.dumps(refused._asdict(), ensure_ascii=False) + "\n")


@contextmanager
def _skipping(path: Path | None) -> Iterator[Skipped | None]:
    if path is None:
        yield None
        return
    with ExitStack() as stack:
        yield Skipped(path, stack)
