"""`joblog outbox`: the table in your database, the relay that empties it, what waits in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer

from joblog.cli.errors import OutboxExtraMissingError
from joblog.cli.options import Json, runs
from joblog.cli.output import note, print_json, print_table, utc
from joblog.cli.processes import relay
from joblog.streams.settings import Settings

DRIVER: Final = "asyncpg"

app = typer.Typer(
    help="Submit in a database's transaction: the table, its relay, what waits (docs/outbox.md).",
    no_args_is_help=True,
)


@contextmanager
def _extra_needed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != DRIVER:
            raise
        raise OutboxExtraMissingError(DRIVER) from error


@app.command()
@runs
async def create() -> None:
    """Make the table in the database, unless it is there."""
    with _extra_needed():
        from joblog.outbox.database import Database  # noqa: PLC0415 - an extra, which others do without
        from joblog.outbox.stored import StoredEntries  # noqa: PLC0415 - as above
    settings = Settings()
    async with Database(settings) as database:
        await StoredEntries(database).create_table()
    note(f"the outbox's table is there, in {settings.outbox.place}")


@app.command("relay")
def relay_() -> None:
    """Run a relay, which publishes what is committed to the outbox; any number share the work."""
    with _extra_needed():
        relay()


@app.command()
@runs
async def status(*, json: Json = False) -> None:
    """Show how much waits and for how long, and what was refused and why."""
    with _extra_needed():
        from joblog.outbox.database import Database  # noqa: PLC0415 - as above
        from joblog.outbox.stored import MOST_COUNTED, StoredEntries  # noqa: PLC0415 - as above
    async with Database(Settings()) as database:
        entries = StoredEntries(database)
        depth, refused = await entries.depth(), await entries.refused()
    if json:
        print_json(depth._asdict() | {"refusals": [entry._asdict() for entry in refused]})
        return
    oldest = None if depth.oldest_seconds is None else f"{depth.oldest_seconds:.1f} s"
    shown = [
        f">{MOST_COUNTED:,}" if number > MOST_COUNTED else number
        for number in (depth.waiting, depth.refused)
    ]
    print_table(("waiting", "oldest", "refused"), [(shown[0], oldest, shown[1])])
    if refused:
        print_table(
            ("position", "job", "submitted (UTC)", "why it is refused"),
            [(one.position, one.job_id, utc(one.submitted_at), one.reason) for one in refused],
            title="refused"
            if len(refused) == depth.refused
            else f"the first {len(refused)} refused",
        )
