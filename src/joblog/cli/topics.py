"""`joblog topics`: what a log needs of a Kafka cluster, and how the cluster gets it."""

from collections.abc import Iterator
from typing import Annotated

import typer

from joblog.cli.kafka_commands import acl_commands, topic_commands
from joblog.cli.options import Json, runs
from joblog.cli.output import note, print_json
from joblog.cli.plans import (
    changes_as_json,
    plan_as_json,
    show_changes,
    show_grants,
    show_topics,
)
from joblog.cli.principals import (
    Bridges,
    Delays,
    Deployers,
    Operators,
    Producers,
    Schedulers,
    Workers,
    checked,
    or_customary,
)
from joblog.streams.acls import Grant, grants_of
from joblog.streams.kafka import check_topics, ensure_topics
from joblog.streams.kafka.cluster_changes import make_changes, needed_changes
from joblog.streams.machine_clock import now_ms
from joblog.streams.roles import Role
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

app = typer.Typer(
    help="Plan, make and check the topics and who may use them.", no_args_is_help=True
)

AsCommands = Annotated[
    bool, typer.Option("--as-commands", help="Print commands of Kafka's own tools instead.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def plan(  # noqa: PLR0913 - one option for each role
    *,
    producer: Producers = None,
    scheduler: Schedulers = None,
    delays: Delays = None,
    worker: Workers = None,
    bridge: Bridges = None,
    operator: Operators = None,
    deployer: Deployers = None,
    as_commands: AsCommands = False,
    json: Json = False,
) -> None:
    """Show the topics and ACLs that a log needs; Kafka is not asked.

    A role without a principal is shown as User:<namespace>-<role>.
    """
    settings = Settings()
    topics = TopicMap.of(settings)
    given = _by_role(producer, scheduler, delays, worker, bridge, operator, deployer)
    principals = or_customary(checked(given, topics), topics)
    grants = list(grants_of(principals, topics))
    if as_commands:
        for command in _commands(settings, topics, grants):
            typer.echo(command)
    elif json:
        print_json(plan_as_json(topics, principals))
    else:
        show_topics("topics", topics.all)
        show_grants("ACLs: who may do what, from every host", grants)


@app.command()
@runs
async def create(*, json: Json = False) -> None:
    """Create the topics that are missing, check all of them, and open the log.

    Nothing that exists is changed, and nobody is asked.
    """
    settings = Settings()
    log_id = await ensure_topics(settings, now_ms())
    _report(settings, log_id, "are there", json=json)


@app.command()
@runs
async def apply(  # noqa: PLR0913 - one option for each role
    *,
    producer: Producers = None,
    scheduler: Schedulers = None,
    delays: Delays = None,
    worker: Workers = None,
    bridge: Bridges = None,
    operator: Operators = None,
    deployer: Deployers = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make the cluster as the plan says: topics, their configs, and the ACLs of the principals that are named.

    It shows first what it would change, and asks. Nothing is ever taken away.
    """
    settings = Settings()
    given = _by_role(producer, scheduler, delays, worker, bridge, operator, deployer)
    principals = checked(given, TopicMap.of(settings))
    changes = await needed_changes(settings, principals)
    if json and any(changes) and not yes:
        raise typer.BadParameter(
            "--json asks nothing: see what topics apply shows, then give --yes"
        )
    if not json:
        show_changes(changes)
    if any(changes) and not yes:
        typer.confirm("Make these changes?", abort=True, err=True)
    log_id = await make_changes(settings, changes, now_ms())
    if json:
        print_json({**changes_as_json(changes), "log_id": log_id})
    else:
        _report(settings, log_id, "are as planned", json=False)


@app.command()
@runs
async def check(*, json: Json = False) -> None:
    """Check that all topics exist and are what joblog can work with, as every process does when it starts."""
    settings = Settings()
    log = await check_topics(settings)
    _report(settings, log.log_id, "are right", json=json)


def _by_role(*names: list[str] | None) -> dict[Role, list[str] | None]:
    return dict(zip(Role, names, strict=True))


def _report(settings: Settings, log_id: str, what: str, *, json: bool) -> None:
    topics = TopicMap.of(settings).all
    if json:
        print_json({"log_id": log_id, "topics": [topic.name for topic in topics]})
    else:
        note(f"the {len(topics)} topics of {settings.namespace} {what}; log {log_id}")


def _commands(settings: Settings, topics: TopicMap, grants: list[Grant]) -> Iterator[str]:
    yield from topic_commands(settings.bootstrap_servers, topics.all)
    yield from acl_commands(settings.bootstrap_servers, grants)
    yield "joblog topics create"
