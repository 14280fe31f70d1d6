"""The command, whose parts are in `commands.WHERE`."""

from importlib.metadata import version
from typing import Annotated, Final

import typer

from joblog.cli.commands import Commands
from joblog.cli.exit_codes import ExitCode

_EPILOG: Final = "Exit codes: " + ", ".join(
    f"{code.value} {code.name.lower().replace('_', ' ')}" for code in ExitCode
)

app = typer.Typer(
    name="joblog",
    cls=Commands,
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
