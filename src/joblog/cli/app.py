"""All commands, in the order in which `joblog --help` shows them."""

from importlib.metadata import version
from typing import Annotated, Final

import typer

from joblog.cli import (
    broker,
    dead_letters,
    dev,
    init,
    jobs,
    outbox,
    processes,
    replay,
    schemas,
    status,
    submit,
    topics,
)
from joblog.cli.doctor import command as doctor
from joblog.cli.exit_codes import ExitCode

_EPILOG: Final = "Exit codes: " + ", ".join(
    f"{code.value} {code.name.lower().replace('_', ' ')}" for code in ExitCode
)

app = typer.Typer(
    name="joblog",
    help="Background jobs as an append-only log on Apache Kafka. Settings: docs/settings.md.",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # main() shows the errors that are meant for people
    rich_markup_mode=None,
)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"joblog {version('joblog')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Take the options of no command."""


app.command("init")(init.init)
app.command("dev")(dev.dev)
app.command("broker")(broker.broker)
app.add_typer(topics.app, name="topics")
app.command("scheduler")(processes.scheduler)
app.command("delays")(processes.delays)
app.command("worker")(processes.worker)
app.command("bridge")(processes.bridge)
app.command("submit")(submit.submit)
app.add_typer(jobs.app, name="jobs")
app.add_typer(dead_letters.app, name="dlq")
app.add_typer(schemas.app, name="schemas")
app.add_typer(outbox.app, name="outbox")
app.command("replay")(replay.replay)
app.command("verify")(replay.verify)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
