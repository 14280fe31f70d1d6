"""`joblog jobs`: look at a job, wait for it, cancel it."""

import sys
from contextlib import aclosing
from json import dumps
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python

from joblog.cli.entries import details_of, entry_as_json
from joblog.cli.exit_codes import ExitCode
from joblog.cli.options import JobId, Json, Timeout, runs
from joblog.cli.output import note, print_json, print_table, utc
from joblog.client import Client, Job
from joblog.client.errors import JobNotFoundError, ResultUnreadableError
from joblog.client.history import lacks_dispatches, read_history
from joblog.lifecycle.states import Status
from joblog.streams.settings import Settings

app = typer.Typer(help="Look at a job, wait for it, cancel it.", no_args_is_help=True)


@app.command()
@runs
async def get(job_id: JobId, *, timeout: Timeout = 10.0, json: Json = False) -> None:
    """Show a job as its scheduler sees it."""
    async with Client(Settings()) as client:
        await show_job(client, await client.get(job_id, timeout=timeout), json=json)


@app.command("list")
@runs
async def list_(  # noqa: PLR0913 - what jobs are looked for by
    *,
    status: Annotated[Status | None, typer.Option(help="Only those in this state.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only those of this type.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only those in this queue.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
    limit: Annotated[int, typer.Option(help="Most jobs to show.", min=1)] = 50,
    timeout: Timeout = 10.0,
    json: Json = False,
) -> None:
    """List jobs, by partition and age; schedulers look at every row for that."""
    shown: list[Job] = []
    async with (
        Client(Settings()) as client,
        aclosing(
            client.jobs(status=status, type=type_, queue=queue, tenant=tenant, timeout=timeout)
        ) as jobs,
    ):
        async for job in jobs:
            shown.append(job)
            if len(shown) == limit:
                break
    if json:
        for job in shown:
            print_json(job.model_dump(mode="json"))
        return
    print_table(
        ("job", "type", "status", "queue", "attempt", "submitted", "updated"),
        (
            (
                job.job_id,
                job.type,
                job.status,
                job.queue,
                job.attempt,
                utc(job.submitted_at),
                utc(job.updated_at),
            )
            for job in shown
        ),
    )
    if len(shown) == limit:
        note(f"the first {limit}; --limit shows more")


@app.command()
@runs
async def wait(job_id: JobId, *, timeout: Timeout = 60.0, json: Json = False) -> None:
    """Wait for a job's end and show it.

    The exit code is 5 if it did not succeed, 4 if it took too long.
    """
    async with Client(Settings()) as client:
        job = await client.wait(job_id, timeout=timeout)
        await show_job(client, job, json=json)
    if job.status != Status.SUCCEEDED:
        sys.exit(ExitCode.NOT_SUCCEEDED)


@app.command()
@runs
async def cancel(
    job_id: JobId,
    *,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the job.")] = "",
    timeout: Timeout = 10.0,
    json: Json = False,
) -> None:
    """Ask that a job does not run, or stops.

    Before its dispatch it is cancelled at once; a running attempt is stopped by its worker.
    """
    async with Client(Settings()) as client:
        job = await client.cancel(job_id, reason=reason, timeout=timeout)
        await show_job(client, job, json=json)


@app.command()
@runs
async def history(job_id: JobId, *, json: Json = False) -> None:
    """Show what the log has of a job, from all topics, in order.

    Its events are kept for ever. Dispatches and retries are deleted from their topics once they are done.
    No scheduler is asked.
    """
    entries = await read_history(Settings(), job_id)
    if not entries:
        raise JobNotFoundError(job_id)
    if json:
        for entry in entries:
            print_json(entry_as_json(entry))
        return
    print_table(
        ("log time (UTC)", "event", "gen", "att", "where", "details"),
        (
            (
                utc(entry.timestamp),
                "unreadable" if entry.event is None else type(entry.event).__name__,
                getattr(entry.event, "generation", None),
                getattr(entry.event, "attempt", None),
                f"{entry.topic}/{entry.partition}@{entry.offset}",
                details_of(entry),
            )
            for entry in entries
        ),
        title=job_id,
    )
    if lacks_dispatches(entries):
        note("dispatches and retries that are done are deleted from their topics, and not shown")


async def show_job(client: Client, job: Job, *, json: bool) -> None:
    """Print a job, its result as JSON."""
    result = await _result(client, job)
    if json:
        print_json(job.model_dump(mode="json") | {"result": result})
        return
    print_table(("job", job.job_id), _facts(job, result))


async def _result(client: Client, job: Job) -> Any:  # noqa: ANN401 - any JSON
    if job.status != Status.SUCCEEDED:
        return None
    try:
        return to_jsonable_python(await client.result(job, object), bytes_mode="base64")
    except ResultUnreadableError as error:
        note(str(error))
        return None


def _facts(job: Job, result: object) -> list[tuple[str, object]]:
    failure = job.failure and f"{job.failure.type}: {job.failure.message}"
    facts = [
        ("status", "cancelling" if job.cancel_requested else job.status),
        ("type", job.type),
        ("queue, priority, tenant", f"{job.queue}, {job.priority}, {job.tenant}"),
        ("ordering key", job.ordering_key),
        ("waits for", job.waits_for),
        ("generation", job.generation),
        ("attempt", f"{job.attempt} ({job.failures} failed, {job.losses} lost)"),
        ("worker", job.worker),
        ("submitted", utc(job.submitted_at)),
        ("dispatched", utc(job.dispatched_at)),
        ("finished", utc(job.finished_at)),
        ("due", utc(job.due)),
        ("deadline", utc(job.deadline)),
        ("result", None if result is None else dumps(result, ensure_ascii=False)),
        ("reason", job.reason),
        ("last failure" if job.status == Status.SUCCEEDED else "failure", failure),
        ("discarded", "yes" if job.discarded else None),
        ("partition, folded to", f"{job.partition}, {job.offset}"),
    ]
    return [(name, value) for name, value in facts if value not in {None, ""}]
