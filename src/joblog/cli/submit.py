"""`joblog submit`: one job, or one for each line of standard input."""

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import IO, Annotated, Final, NamedTuple, cast

import typer

from joblog.cli.errors import LineRefusedError
from joblog.cli.exit_codes import ExitCode
from joblog.cli.jobs import show_job
from joblog.cli.options import Json, Timeout, runs
from joblog.cli.output import note, print_json, progress_bar
from joblog.cli.payload_type import PayloadForm, payload_form
from joblog.client import Client, Options, Submission, Submitted
from joblog.client.errors import JsonMismatchError
from joblog.client.payloads import Payload
from joblog.lifecycle.states import Status
from joblog.streams.settings import Settings

STDIN: Final = "-"
CHUNK: Final = 2_000

TypeName = Annotated[str, typer.Argument(metavar="TYPE", help="Job type; a worker declares it.")]
Document = Annotated[
    str,
    typer.Argument(
        metavar="JSON", help="The payload; - reads one from each line of standard input."
    ),
]
Queue = Annotated[str | None, typer.Option(help="Queue.", show_default="default")]
Priority = Annotated[int | None, typer.Option(help="0 (last) to 9 (first).", show_default="4")]
Tenant = Annotated[str | None, typer.Option(help="Whose work it is.", show_default="default")]
Key = Annotated[str | None, typer.Option(help="Equal keys of a tenant and type are one job.")]
Delay = Annotated[float | None, typer.Option(help="Seconds until it may start.", min=0)]
RunTime = Annotated[float | None, typer.Option(help="Longest run of an attempt, seconds.", min=0)]
Labels = Annotated[list[str] | None, typer.Option("--label", metavar="NAME=VALUE")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for its end; exit code 5 if it did not succeed.")
]


@runs
async def submit(  # noqa: PLR0913 - the options of a submission
    type_: TypeName,
    document: Document = STDIN,
    *,
    queue: Queue = None,
    priority: Priority = None,
    tenant: Tenant = None,
    idempotency_key: Key = None,
    delay: Delay = None,
    timeout: RunTime = None,
    label: Labels = None,
    wait: Wait = False,
    wait_timeout: Timeout = 60.0,
    json: Json = False,
) -> None:
    """Submit a job, or one for each line of input.

    Prints the job's id, or with several how many there are. Where a line is no payload, those before it
    have been submitted.
    """
    options = _given(
        {
            "queue": queue,
            "priority": priority,
            "tenant": tenant,
            "idempotency_key": idempotency_key,
            "delay": _seconds(delay),
            "timeout": _seconds(timeout),
            "labels": dict(map(_label, label)) if label else None,
        }
    )
    async with Client(Settings()) as client:
        form = await payload_form(client, type_)
        if document == STDIN:
            if idempotency_key is not None or wait:
                raise typer.BadParameter("--idempotency-key and --wait are for a single job")
            await _submit_lines(client, form, options, sys.stdin.buffer, json=json)
            return
        submitted = await client.submit(type_, form.payload(document), **options)
        if not wait:
            _print([submitted], json=json)
            return
        job = await client.wait(submitted, timeout=wait_timeout)
        await show_job(client, job, json=json)
    if job.status != Status.SUCCEEDED:
        sys.exit(ExitCode.NOT_SUCCEEDED)


async def _submit_lines(
    client: Client, form: PayloadForm, options: Options, lines: IO[bytes], *, json: bool
) -> None:
    numbered = enumerate(lines, start=1)
    done = 0
    with progress_bar(f"submitting {form.type}") as steps:
        while chunk := list(islice(numbered, CHUNK)):
            payloads, refused = payloads_of(form, chunk)
            submitted = await client.submit_many(
                Submission(form.type, payload, **options) for payload in payloads
            )
            done += len(submitted)
            steps(done)
            if json:
                _print(submitted, json=True)
            if refused is not None:
                raise LineRefusedError(refused.line, refused.reason, done)
    note(f"{done} jobs submitted")


class Refused(NamedTuple):
    """A line that is no payload, and why."""

    line: int
    reason: str


def payloads_of(
    form: PayloadForm, chunk: Sequence[tuple[int, bytes]]
) -> tuple[list[Payload], Refused | None]:
    """Return the payloads of lines up to the first that is none; empty lines are passed over."""
    payloads = []
    for number, line in chunk:
        try:
            if line.strip():
                payloads.append(form.payload(line))
        except JsonMismatchError as error:
            return payloads, Refused(number, str(error))
    return payloads, None


def _given(options: Mapping[str, object]) -> Options:
    return cast("Options", {name: value for name, value in options.items() if value is not None})


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise typer.BadParameter(f"{text!r}: give a label as NAME=VALUE")
    return name, value


def _print(submitted: Sequence[Submitted], *, json: bool) -> None:
    for one in submitted:
        if json:
            print_json(one._asdict())
        else:
            typer.echo(one.job_id)
