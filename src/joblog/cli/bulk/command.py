"""From the options of `joblog submit` to jobs of many lines."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from joblog.cli.bulk.csv_rows import csv_rows
from joblog.cli.bulk.errors import LinesRefusedError
from joblog.cli.bulk.json_rows import json_rows
from joblog.cli.bulk.skipped import skipping
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
        SkippedUnwritableError: the file for refused lines cannot be written; nothing was submitted.
        LineRefusedError: a line is no job, and refused lines are not to be skipped.
        LinesRefusedError: some lines were skipped.
        LinesUnconfirmedError: some were not acknowledged.
        KafkaUnavailableError: no broker answers.
    """
    rows_of = csv_rows if bulk.format is Format.CSV else json_rows
    with (
        opened(bulk.path) as source,
        nullcontext() if bulk.skipped is None else skipping(bulk.skipped) as skip,
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
