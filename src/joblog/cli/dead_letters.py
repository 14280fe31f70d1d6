"""`joblog dlq`: what failed for good, and what to do about it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from heapq import nlargest
from typing import Annotated

import typer

from joblog.cli.dead_letter_queue import connected_queue
from joblog.cli.letters import letter_as_json, letter_facts, letter_row, payload_of
from joblog.cli.options import Json, runs
from joblog.cli.output import note, print_json, print_table, progress_bar
from joblog.client.author import author
from joblog.client.schemas import announced_schemas
from joblog.lifecycle.reasons import Reason
from joblog.processors.dead_letters.errors import DeadLetterNotFoundError
from joblog.processors.dead_letters.letters import DeadLetter, Selection
from joblog.processors.dead_letters.queue import DeadLetters, Progress
from joblog.processors.dead_letters.remedies import Request
from joblog.streams.settings import Settings

app = typer.Typer(help="List, show, redrive and discard dead letters.", no_args_is_help=True)

Reference = Annotated[
    str, typer.Argument(help="A job id, or <partition>@<offset> of the dead letter.")
]
Chosen = Annotated[
    str | None, typer.Argument(help="A job id, or <partition>@<offset> of the dead letter.")
]
ByReason = Annotated[Reason | None, typer.Option("--reason", help="Those of this reason alone.")]
ByType = Annotated[str | None, typer.Option("--type", help="Those of this job type alone.")]
All = Annotated[bool, typer.Option("--all", help="All that are open and fit the filters.")]
Because = Annotated[str, typer.Option(help="Why; it is kept in the log.")]
History = Annotated[
    bool,
    typer.Option("--history", help="Redriven and discarded ones too; no scheduler is asked."),
]
Limit = Annotated[int, typer.Option(help="The newest so many.", min=1)]


@app.command("list")
@runs
async def list_(
    *,
    reason: ByReason = None,
    type_: ByType = None,
    history: History = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List what is still to be dealt with, oldest first."""
    selection = Selection(reason=reason, type=type_)
    async with connected_queue(Settings()) as queue:
        with progress_bar("reading") as steps:
            found = queue.all(selection, steps) if history else _open(queue, selection, steps)
            letters: list[DeadLetter] = []
            async for batch in found:
                letters = nlargest(limit, letters + batch, key=lambda letter: letter.timestamp)
    letters.reverse()
    if json:
        for letter in letters:
            print_json(letter_as_json(letter))
        return
    if not letters:
        note("there are no dead letters" if history else "there are no open dead letters")
        return
    print_table(
        ("dead letter", "job", "gen", "type", "reason", "att", "log time (UTC)", "detail"),
        map(letter_row, letters),
    )


@app.command()
@runs
async def show(reference: Reference, *, json: Json = False) -> None:
    """Show a dead letter with its original."""
    settings = Settings()
    async with connected_queue(settings) as queue:
        found = [letter async for batch in queue.all(Selection(reference)) for letter in batch]
        if not found:
            raise DeadLetterNotFoundError(reference)
        (judged,) = await queue.judge([max(found, key=lambda letter: letter.timestamp)])
    payload = payload_of(judged.letter, await announced_schemas(settings))
    if json:
        more = {"standing": judged.standing, "payload": payload}
        print_json(letter_as_json(judged.letter) | more)
        return
    print_table(("dead letter", judged.letter.reference), letter_facts(judged, payload))


@app.command()
@runs
async def redrive(  # noqa: PLR0913 - what dead letters are chosen by
    reference: Chosen = None,
    *,
    all_: All = False,
    reason: ByReason = None,
    type_: ByType = None,
    because: Because = "",
    json: Json = False,
) -> None:
    """Send jobs and records on their way again.

    A job runs as its next generation; a record that could not be read is appended to the log once more.
    """
    selection = _selection(reference, Selection(reason=reason, type=type_), all_=all_)
    async with connected_queue(Settings()) as queue:
        with progress_bar("redriving") as steps:
            done = 0
            async for judged in queue.open(selection, steps):
                await queue.redrive(judged, Request(author(), because))
                done += len(judged)
    _report(done, reference, "redriven", json=json)


@app.command()
@runs
async def discard(  # noqa: PLR0913 - as above
    reference: Chosen = None,
    *,
    all_: All = False,
    reason: ByReason = None,
    type_: ByType = None,
    because: Because = "",
    json: Json = False,
) -> None:
    """Mark jobs' dead letters as dealt with.

    Records that are no job's cannot be discarded; --all leaves them as they are.
    """
    selection = _selection(reference, Selection(reason=reason, type=type_), all_=all_)
    async with connected_queue(Settings()) as queue:
        with progress_bar("discarding") as steps:
            done = 0
            async for judged in queue.open(selection, steps):
                chosen = [found for found in judged if found.is_of_job or not all_]
                await queue.discard(chosen, Request(author(), because))
                done += len(chosen)
    _report(done, reference, "discarded", json=json)


def _selection(reference: str | None, filters: Selection, *, all_: bool) -> Selection:
    if (reference is None) != all_:
        raise typer.BadParameter("name one dead letter, or give --all, with or without filters")
    return replace(filters, reference=reference)


def _report(done: int, reference: str | None, what: str, *, json: bool) -> None:
    if done == 0 and reference is not None:
        raise DeadLetterNotFoundError(reference)
    if json:
        print_json({what: done})
    else:
        note(f"{done} {what}")


async def _open(
    queue: DeadLetters, selection: Selection, progress: Progress
) -> AsyncIterator[list[DeadLetter]]:
    async for judged in queue.open(selection, progress):
        yield [found.letter for found in judged]
