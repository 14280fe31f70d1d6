"""What there is to see of a measure, as bars: told from its figures alone, so that a new one has its plot too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from benchmarks.measure import Measure, Row, of, values
from benchmarks.report.tables import cpu_by_process
from benchmarks.result import Run
from benchmarks.returned import SHOWN

UNIT: Final = re.compile(r"[a-z]+/s\b|%|\b(?:ms|s|MB)\b")
"""A figure whose name has no unit is a count, which is no outcome."""

CPU: Final = "CPU s per 1,000 jobs"
ROLES: Final = {"redis": "store", "postgres": "store", "broker": "store", "worker": "workers"}
"""What processes are to a system, where their names differ."""


@dataclass(frozen=True)
class Bar:
    """A bar.

    Attributes:
        label: what it is of.
        rounds: the figure of each round; the bar is as long as their median.
        limit: the bar of the table, where there is one for just this figure.
        parts: what it consists of, by name, where that is known.
    """

    label: str
    rounds: tuple[float, ...]
    limit: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def length(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)


@dataclass(frozen=True)
class Panel:
    """Bars of one unit, one below the other."""

    unit: str
    bars: tuple[Bar, ...]


def panels(measure: Measure, runs: Sequence[Run]) -> list[Panel]:
    """Return the panels of a measure that compare something; none where nothing was measured."""
    variants = [one for one in measure.variants if of(runs, one)]
    if not variants:
        return []
    found = (
        _of_one(runs, measure.rows(runs)) if len(measure.variants) == 1 else _of_all(runs, variants)
    )
    return [panel for panel in found if len(panel.bars) > 1 or panel.bars[0].limit is not None]


def _of_one(runs: Sequence[Run], rows: Sequence[Row]) -> list[Panel]:
    """Return a panel for each unit, with a bar for each figure."""
    limits = {row.rounds: row.limit for row in rows}
    units: dict[str, list[Bar]] = {}
    for figure in runs[0].figures:
        unit = UNIT.search(figure)
        if unit:
            rounds = tuple(values(runs, runs[0].variant, figure))
            bar = Bar(_label(figure, unit[0]), rounds, limits.get(rounds))
            units.setdefault(unit[0], []).append(bar)
    return [Panel(unit, tuple(bars)) for unit, bars in units.items()]


def _label(figure: str, unit: str) -> str:
    """Return a figure's name without its unit: `p50` for `p50, ms`, `of the cores` for `% of the cores`."""
    return figure.replace(unit, "", 1).replace(" ,", ",").strip(" ,") or SHOWN


def _of_all(runs: Sequence[Run], variants: Sequence[str]) -> Iterator[Panel]:
    """Yield a panel for each figure that all variants have, with a bar for each of them."""
    for figure in runs[0].figures:
        if UNIT.search(figure) and all(figure in run.figures for run in runs):
            bars = [_bar(runs, variant, figure) for variant in variants]
            if SHOWN in variants:  # systems, not sizes: the best first
                bars.sort(key=lambda bar: bar.length, reverse=figure != CPU)
            yield Panel(figure, tuple(bars))


def _bar(runs: Sequence[Run], variant: str, figure: str) -> Bar:
    found = cpu_by_process(of(runs, variant)) if figure == CPU else {}
    parts = {ROLES.get(name, name): seconds for name, seconds in sorted(found.items())}
    return Bar(variant, tuple(values(runs, variant, figure)), parts=parts)
