"""`joblog submit`: one job, or one for each line of a file or of standard input."""

import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from joblog.cli.bulk.command import Bulk, submit_lines
from joblog.cli.bulk.source import Format, format_of, is_read
from joblog.cli.exit_codes import ExitCode
from joblog.cli.jobs import show_job
from joblog.cli.options import Json, Timeout, runs
from joblog.cli.output import print_json
from joblog.cli.payload_type import payload_form
from joblog.client import Client, Options
from joblog.lifecycle.states import Status
from joblog.streams.settings import Settings

STDIN: Final = "-"

TypeName = Annotated[str, typer.Argument(metavar="TYPE", help="Job type; a worker declares it.")]
Document = Annotated[
    str,
    typer.Argument(
        metavar="JSON", help="The payload; - reads many from standard input, or from --file."
    ),
]
Queue = Annotated[str | None, typer.Option(help="Queue.", show_default="default")]
Priority = Annotated[int | None, typer.Option(help="0 (last) to 9 (first).", show_default="4")]
Tenant = Annotated[str | None, typer.Option(help="Whose work it is.", show_default="default")]
Key = Annotated[str | None, typer.Option(help="Equal keys of a tenant and type are one job.")]
OrderingKey = Annotated[
    str | None, typer.Option(help="Jobs of a tenant and ordering key run one at a time, in order.")
]
Delay = Annotated[float | None, typer.Option(help="Seconds until it may start.", min=0)]
RunTime = Annotated[float | None, typer.Option(help="Longest run of an attempt, seconds.", min=0)]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="NAME=VALUE", help="A label; there may be several."),
]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for its end; exit code 5 if it did not succeed.")
]
File = Annotated[
    Path | None,
    typer.Option(help="Read jobs from this file.", exists=True, dir_okay=False, readable=True),
]
InFormat = Annotated[
    Format | None,
    typer.Option("--format", help="What its lines are.", show_default="by suffix, else jsonl"),
]
KeyColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Column or field with the idempotency key: what is repeated is one job.",
    ),
]
SkipBad = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="Write lines that are no jobs there, with what is wrong, and go on; exit code 1 in the end.",
    ),
]


@runs
async def submit(  # noqa: PLR0913 - the options of a submission
    type_: TypeName,
    document: Document = STDIN,
    *,
    file: File = None,
    format_: InFormat = None,
    key_column: KeyColumn = None,
    skip_bad: SkipBad = None,
    queue: Queue = None,
    priority: Priority = None,
    tenant: Tenant = None,
    idempotency_key: Key = None,
    ordering_key: OrderingKey = None,
    delay: Delay = None,
    timeout: RunTime = None,
    label: Labels = None,
    wait: Wait = False,
    wait_timeout: Timeout = 60.0,
    json: Json = False,
) -> None:
    """Submit a job, or one for each line of a file or of standard input.

    The first line of CSV names the fields; an empty cell is null or the default where there is one. Prints the
    job's id, or with several how many there are.
    """
    is_single = document != STDIN
    if is_single and any((file, format_, key_column, skip_bad)):
        raise typer.BadParameter(
            "a single job is given: --file, --format, --key-column and --skip-bad are for many"
        )
    if skip_bad is not None and is_read(skip_bad, file):
        raise typer.BadParameter("--skip-bad names the file that is read: name another")
    if not is_single and (idempotency_key is not None or wait):
        raise typer.BadParameter("--idempotency-key and --wait are for a single job")
    options = _given(
        {
            "queue": queue,
            "priority": priority,
            "tenant": tenant,
            "idempotency_key": idempotency_key,
            "ordering_key": ordering_key,
            "delay": _seconds(delay),
            "timeout": _seconds(timeout),
            "labels": dict(map(_label, label)) if label else None,
        }
    )
    lines = format_of(file, format_)
    async with Client(Settings()) as client:
        form = await payload_form(client, type_)
        if not is_single:
            bulk = Bulk(file, lines, key_column, skip_bad, json)
            await submit_lines(client, form, options, bulk)
            return
        submitted = await client.submit(type_, form.payload(document), **options)
        if not wait:
            if json:
                print_json(submitted._asdict())
            else:
                typer.echo(submitted.job_id)
            return
        job = await client.wait(submitted, timeout=wait_timeout)
        await show_job(client, job, json=json)
    if job.status != Status.SUCCEEDED:
        sys.exit(ExitCode.NOT_SUCCEEDED)


def _given(options: Mapping[str, object]) -> Options:
    return cast("Options", {name: value for name, value in options.items() if value is not None})


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r}: give a label as NAME=VALUE")
    return name, value
