"""`joblog schemas`: the log's schemas in a schema registry."""

import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import typer

from joblog.cli.exit_codes import ExitCode
from joblog.cli.options import Json, runs
from joblog.cli.output import print_json, print_table
from joblog.client.schemas import announced_schemas
from joblog.streams.registry import SchemaRegistry, registration
from joblog.streams.registry.registration import Found, Standing, Wanted
from joblog.streams.settings import Settings

app = typer.Typer(
    help="The schemas of events and payloads in a schema registry (registry.url).",
    no_args_is_help=True,
)

Act = Callable[[SchemaRegistry, Iterable[Wanted]], Awaitable[list[Found]]]


@app.command()
@runs
async def register(*, json: Json = False) -> None:
    """Register what the registry does not have, and set each subject's compatibility.

    That is every version of every event, and all payload schemas that are announced. Subjects are named like
    the records in them. The exit code is 1 if the registry does not take one.
    """
    found = await _found(registration.register)
    _show(found, json=json)
    if any(one.standing is Standing.INCOMPATIBLE for one in found):
        sys.exit(ExitCode.FAILURE)


@app.command()
@runs
async def check(*, json: Json = False) -> None:
    """Check that the registry has the schemas, and change nothing.

    The exit code is 1 if it lacks one.
    """
    found = await _found(registration.check)
    _show(found, json=json)
    if any(one.standing is not Standing.PRESENT for one in found):
        sys.exit(ExitCode.FAILURE)


async def _found(act: Act) -> Sequence[Found]:
    settings = Settings()
    async with SchemaRegistry(settings.registry) as registry:
        announced = await announced_schemas(settings)
        wanted = [
            *registration.event_schemas(),
            *registration.payload_schemas(announced.values()),
        ]
        return await act(registry, wanted)


def _show(found: Sequence[Found], *, json: bool) -> None:
    if json:
        for one in found:
            print_json(_as_json(one))
        return
    print_table(
        ("subject", "fingerprint", "compatibility", "id", "standing", "detail"),
        (tuple(_as_json(one).values()) for one in found),
    )


def _as_json(found: Found) -> dict[str, Any]:
    return {
        "subject": found.wanted.subject,
        "fingerprint": found.wanted.schema.fingerprint.hex(),
        "compatibility": found.wanted.compatibility,
        "id": found.schema_id,
        "standing": found.standing,
        "detail": found.detail or None,
    }
