"""What a document shows of a terminal, and whether it is what came out.

Ids, times, hashes, addresses and places in the log are others each time. An id or place that a document shows
stands for the one that came out in its place first, in what follows too: `joblog jobs get <id>` asks for that one.
A line `...` stands for any lines, `...` in a line for anything.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

PROMPT: Final = "$ "
CONTINUED: Final = "> "
ANY: Final = "..."

_KINDS: Final = {
    "id": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    "place": r"\d+@\d+",
    "time": r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?Z?",
    "hash": r"\b[0-9a-f]{16,}\b",
    "address": r"127\.0\.0\.1:\d+",
    "any": r" ?\.\.\. ?",
}
_TOKEN: Final = re.compile("|".join(f"(?P<{kind}>{text})" for kind, text in _KINDS.items()))
_REMEMBERED: Final = ("id", "place")
_NUMBER: Final = re.compile(r"\d[\d,.]*")
_LINES_OF_TABLES: Final = re.compile("[━─┏┓└┘┴┳╇┡┩┼]+")


@dataclass(frozen=True)
class Step:
    """A command, and the lines that it shows; no command where lines of something that runs are shown."""

    command: str | None
    lines: tuple[str, ...]


def steps_of(source: str) -> Iterator[Step]:
    """Yield what a block of a terminal shows."""
    command: str | None = None
    lines: list[str] = []
    for line in source.splitlines():
        if line.startswith(PROMPT):
            if command is not None or lines:
                yield Step(command, tuple(lines))
            command, lines = line.removeprefix(PROMPT), []
        elif line.startswith(CONTINUED) and command is not None and not lines:
            command += "\n" + line.removeprefix(CONTINUED)
        elif line.strip():
            lines.append(line)
    yield Step(command, tuple(lines))


class Shown:
    """Compares what documents show with what comes out, and remembers what stands for what."""

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}

    def meant(self, command: str) -> str:
        """Return a command with the ids and places that are meant by those that are shown."""
        return _TOKEN.sub(lambda token: self._actual.get(token[0], token[0]), command)

    def is_line(self, shown: str, came: str, *, numbers_vary: bool = False) -> bool:
        """Return whether a line is what is shown, and remember its ids and places."""
        shown = _plain(shown)
        tokens = list(_TOKEN.finditer(shown))
        pattern, end = "", 0
        for number, token in enumerate(tokens):
            pattern += _literal(shown[end : token.start()], numbers_vary=numbers_vary)
            pattern += self._pattern(token, number)
            end = token.end()
        pattern += _literal(shown[end:], numbers_vary=numbers_vary)
        found = re.fullmatch(pattern, _plain(came))
        if found is None:
            return False
        for number, token in enumerate(tokens):
            if token.lastgroup in _REMEMBERED:
                self._actual[token[0]] = found[f"t{number}"]
        return True

    def differs(
        self, shown: Sequence[str], came: Iterable[str], *, numbers_vary: bool = False
    ) -> str | None:
        """Return which line is not what came out, None where all are; else nothing is remembered."""
        before = dict(self._actual)
        difference = self._difference(shown, came, numbers_vary=numbers_vary)
        if difference is not None:
            self._actual = before
        return difference

    def _difference(
        self, shown: Sequence[str], came: Iterable[str], *, numbers_vary: bool
    ) -> str | None:
        rest = [line for line in came if line.strip()]
        skips = False
        for line in shown:
            if line.strip() == ANY:
                skips = True
                continue
            while skips and rest and not self.is_line(line, rest[0], numbers_vary=numbers_vary):
                rest.pop(0)
            if not rest or not self.is_line(line, rest[0], numbers_vary=numbers_vary):
                return f"{line!r} is shown, and {rest[0] if rest else 'nothing'!r} came out"
            rest.pop(0)
            skips = False
        return f"{rest[0]!r} came out, and is not shown" if rest and not skips else None

    def _pattern(self, token: re.Match[str], number: int) -> str:
        kind = token.lastgroup or ""
        if kind == "any":
            return ".*"
        if kind in _REMEMBERED and token[0] in self._actual:
            return f"(?P<t{number}>{re.escape(self._actual[token[0]])})"
        return f"(?P<t{number}>{_KINDS[kind]})"


def _literal(text: str, *, numbers_vary: bool) -> str:
    if not numbers_vary:
        return re.escape(text)
    parts = _NUMBER.split(text)
    return _NUMBER.pattern.join(map(re.escape, parts))


def _plain(line: str) -> str:
    """Return a line without what depends on the width of a column."""
    return " ".join(_LINES_OF_TABLES.sub("─", line).split())
