"""Where each command is; it is imported when it is asked for, since all together take a second."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import (  # Typer has its own Click, and names it nowhere else
        Command,
        Context,
    )

WHERE: Final = {
    "init": "joblog.cli.init:init",
    "dev": "joblog.cli.dev:dev",
    "broker": "joblog.cli.broker:broker",
    "topics": "joblog.cli.topics:app",
    "scheduler": "joblog.cli.processes:scheduler",
    "delays": "joblog.cli.processes:delays",
    "worker": "joblog.cli.processes:worker",
    "bridge": "joblog.cli.processes:bridge",
    "submit": "joblog.cli.submit:submit",
    "jobs": "joblog.cli.jobs:app",
    "dlq": "joblog.cli.dead_letters:app",
    "schemas": "joblog.cli.schemas:app",
    "outbox": "joblog.cli.outbox:app",
    "replay": "joblog.cli.replay:replay",
    "verify": "joblog.cli.replay:verify",
    "status": "joblog.cli.status:status",
    "doctor": "joblog.cli.doctor.command:doctor",
}
"""Module and name of each command's function, or of a group's Typer app; in the order of `joblog --help`."""


class Commands(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: "Context") -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(WHERE)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """Return a command; None where there is none, and then all are known that may be meant."""
        for name in [cmd_name] if cmd_name in WHERE else WHERE:
            if name not in self.commands:
                self.commands[name] = _imported(name)
        return super().get_command(ctx, cmd_name)


def _imported(name: str) -> "Command":
    module, _, attribute = WHERE[name].partition(":")
    found = getattr(import_module(module), attribute)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.callback()(_nothing)  # so that it is a group, though of one command
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    group = typer.main.get_command(alone)
    assert isinstance(group, TyperGroup)  # noqa: S101  # by its callback
    return group.commands[name]


def _nothing() -> None:
    pass
