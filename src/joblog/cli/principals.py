"""Who logs in to Kafka in which role, as options of a command."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer

from joblog.streams.acls import roles_of
from joblog.streams.roles import Role
from joblog.streams.topics import TopicMap

METAVAR: Final = "User:NAME"


def _option(words: str) -> object:
    return typer.Option(metavar=METAVAR, help=words)


Producers = Annotated[list[str] | None, _option("Submits jobs and asks about them.")]
Schedulers = Annotated[list[str] | None, _option("Runs schedulers.")]
Delays = Annotated[list[str] | None, _option("Runs delay services.")]
Workers = Annotated[list[str] | None, _option("Runs workers.")]
Bridges = Annotated[list[str] | None, _option("Runs bridges from a schema registry's serializers.")]
Operators = Annotated[list[str] | None, _option("Asks, proves and redrives by this command.")]
Deployers = Annotated[list[str] | None, _option("Makes the topics.")]


def checked(given: Mapping[Role, Sequence[str] | None], topics: TopicMap) -> dict[Role, list[str]]:
    """Return the principals of each role.

    Raises:
        typer.BadParameter: one is none, or in a role that the log does not have.
    """
    principals = {role: list(names or ()) for role, names in given.items()}
    for role in principals.keys() - roles_of(topics):
        if principals.pop(role):
            raise typer.BadParameter(
                f"--{role} is for a log with a schema registry: set JOBLOG_REGISTRY__URL as its processes have it"
            )
    for name in (name for names in principals.values() for name in names):
        kind, separator, rest = name.partition(":")
        if not (separator and kind.isidentifier() and rest):
            raise typer.BadParameter(
                f"{name!r} is no principal: give its kind and name, such as User:shop"
            )
    return principals


def or_customary(
    principals: Mapping[Role, Sequence[str]], topics: TopicMap
) -> dict[Role, list[str]]:
    """Return principals, with `User:<namespace>-<role>` for the log's roles that have none."""
    return {
        role: list(principals.get(role) or [f"User:{topics.namespace}-{role}"])
        for role in roles_of(topics)
    }
