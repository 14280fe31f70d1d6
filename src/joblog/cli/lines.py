"""Shows the lines of several processes in one terminal."""

from itertools import cycle
from typing import Final

from rich.text import Text

from joblog.cli.output import console

STYLES: Final = ("cyan", "green", "magenta", "yellow", "blue")
WIDTH: Final = 10


class Lines:
    """Puts before each line the name of its process, each name in a colour of its own."""

    def __init__(self) -> None:
        """Begin with the first colour."""
        self._console = console()
        self._unused = cycle(STYLES)
        self._styles: dict[str, str] = {}

    def __call__(self, name: str, line: str) -> None:
        """Show a line."""
        if name not in self._styles:
            self._styles[name] = next(self._unused)
        prefix = Text(f"{name:<{WIDTH}} │ ", style=self._styles[name])
        self._console.print(prefix + Text(line), soft_wrap=True)
