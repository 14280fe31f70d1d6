"""Notices that source files have changed, and whether they can be compiled."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from watchfiles import PythonFilter, awatch

from joblog.cli.output import note

SHOWN: Final = 3
"""File names in a line."""


class SourceFilter(PythonFilter):
    """Lets changes of Python files through that are no tools' and no data.

    Args:
        data_dir: where joblog itself writes.
    """

    def __init__(self, data_dir: Path) -> None:
        super().__init__(ignore_paths=[data_dir.absolute()])


class Reload:
    """Renews workers when a source file has changed, unless it cannot be compiled: then the old code goes on.

    Args:
        renew: starts the workers again.
    """

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._broken: set[Path] = set()

    async def watch(self, directory: Path, data_dir: Path, stop: asyncio.Event) -> None:
        """Take in changes below a directory until told to stop; where they cannot be watched say so."""
        changes = awatch(directory, watch_filter=SourceFilter(data_dir), stop_event=stop)
        try:
            async for found in changes:
                self.changed({Path(path) for _, path in found})
        except (OSError, RuntimeError) as error:  # such as too few inotify watches
            note(f"changes of source files are not noticed ({error}): start again to run new code")

    def changed(self, files: Iterable[Path]) -> None:
        """Take in that files have changed."""
        changed = sorted(files)
        problems = {path: problem_in(path) for path in {*changed, *self._broken} if path.exists()}
        self._broken = {path for path, problem in problems.items() if problem}
        for path in sorted(self._broken):
            note(f"{path}: {problems[path]}; workers go on with the code that they have")
        if not self._broken:
            names = ", ".join(path.name for path in changed[:SHOWN])
            more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
            note(f"{names}{more} changed: workers start again")
            self._renew()


def problem_in(path: Path) -> str:
    """Return why a source file cannot be compiled, nothing where it can."""
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (OSError, ValueError) as error:
        return str(error)
    return ""
