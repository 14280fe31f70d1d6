"""Options that several commands have."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Annotated, Any, ParamSpec

import typer

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document a line instead of a table.")
]
JobId = Annotated[str, typer.Argument(help="Id of the job.", metavar="ID")]
Timeout = Annotated[float, typer.Option(help="Longest wait, in seconds.", min=0)]

P = ParamSpec("P")


def runs(command: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make a command of a coroutine function."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(command(*args, **kwargs))

    return run
