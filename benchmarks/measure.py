"""What a measure is: what it runs, and the rows that it adds to the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple, Self

from benchmarks.result import Run


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        what: what is measured.
        bar: what it has to be.
        figure: what it is.
        spread: least and most of the rounds.
        holds: the verdict.
        rounds: the figure of each round, where the bar is for their median.
        limit: the bar as a number, likewise.
    """

    what: str
    bar: str
    figure: str
    spread: str
    holds: bool
    rounds: tuple[float, ...] = ()
    limit: float | None = None

    @classmethod
    def at_least(cls, what: str, bar: float, values: Sequence[float], unit: str = "") -> Self:
        """Return the row of a figure, median of the rounds, that has to be `bar` or more."""
        holds = median(values) >= bar
        return cls(what, f"≥ {shown(bar, unit)}", *_figure(values, unit), holds, tuple(values), bar)

    @classmethod
    def at_most(cls, what: str, bar: float, values: Sequence[float], unit: str = "") -> Self:
        """Return the row of a figure, median of the rounds, that has to be `bar` or less."""
        holds = median(values) <= bar
        return cls(what, f"≤ {shown(bar, unit)}", *_figure(values, unit), holds, tuple(values), bar)


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        name: its name in the command and of the file of its results.
        variants: what is measured in turn, one run each in a round, so that all see the same machine.
        run: measures a variant, in an empty directory; `quick` asks for a run of seconds.
        rows: the rows that follow from all runs.
        rounds: how often all variants are measured.
        quick: whether `make bench-quick` has it too.
    """

    name: str
    variants: tuple[str, ...]
    run: Callable[[str, bool, Path], Run]
    rows: Callable[[Sequence[Run]], list[Row]]
    rounds: int = 3
    quick: bool = True


def of(runs: Sequence[Run], variant: str) -> list[Run]:
    """Return the runs of a variant, in the order of the rounds."""
    return [run for run in runs if run.variant == variant]


def values(runs: Sequence[Run], variant: str, figure: str) -> list[float]:
    """Return a figure of a variant, round by round."""
    return [run.figures[figure] for run in of(runs, variant)]


def ratios(runs: Sequence[Run], one: str, other: str, figure: str) -> list[float]:
    """Return how many times a figure of `one` is that of `other`, round by round."""
    pairs = zip(values(runs, one, figure), values(runs, other, figure), strict=True)
    return [mine / theirs for mine, theirs in pairs]


def spread(values: Sequence[float], unit: str = "") -> str:
    """Return least and most of the rounds; nothing where they are the same."""
    least, most = min(values), max(values)
    return f"{shown(least, unit)} – {shown(most, unit)}" if least < most else ""


def shown(value: float, unit: str = "") -> str:
    """Return a figure with three digits or more, or whole, and its unit."""
    whole = abs(value) >= 100 or value == int(value)  # noqa: PLR2004 - three digits are enough
    digits = 0 if whole else 1 if abs(value) >= 10 else 2  # noqa: PLR2004 - likewise
    number = f"{value:,.{digits}f}"
    return f"{number}{unit if unit in {'', '×', '%'} else ' ' + unit}"


def _figure(values: Sequence[float], unit: str) -> tuple[str, str]:
    return shown(median(values), unit), spread(values, unit)
