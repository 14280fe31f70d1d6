"""What was measured, in Markdown."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.measure import Measure
from benchmarks.measures import throughput
from benchmarks.peers.system import MOST_SECONDS, MOST_WAITING
from benchmarks.report import tables
from benchmarks.report.charts import panels
from benchmarks.report.peers import compared
from benchmarks.report.plots import plot_name
from benchmarks.result import Run

FOLDER: Final = "performance"
"""Where the plots are, from the document."""

Found = Mapping[str, Sequence[Run]]


def parts(measures: Sequence[Measure], found: Found) -> dict[str, str]:
    """Return what is made of each part of the document, by name."""
    return {
        "bars": markdown(tables.bars(measures, found)),
        "runs": _runs(measures, found),
        "systems": "\n\n".join([markdown(compared()), _load(), tables.DURABILITY]),
        "measures": "\n\n".join(_section(one, found.get(one.name, [])) for one in measures),
    }


def markdown(table: tables.Table) -> str:
    """Return a table without its title."""
    lines = [table.header, ("---",) * len(table.header), *table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _load() -> str:
    return (
        f"Up to {throughput.JOBS:,} jobs are submitted while they run, and none while {MOST_WAITING:,} wait. "
        f"To a peer nothing is submitted after {MOST_SECONDS:.0f} s, so a slow one is measured by fewer jobs."
    )


def _runs(measures: Sequence[Measure], found: Found) -> str:
    """Say what was run on which machine, and of which sources."""
    places: dict[tuple[str, str], list[str]] = {}
    for measure in measures:
        for run in found.get(measure.name, []):
            names = places.setdefault((run.machine or "an unnamed machine", run.source), [])
            names += [measure.name] if measure.name not in names else []
    lines = [f"- {', '.join(names)}: {on}; sources `{of}`." for (on, of), names in places.items()]
    return "\n".join(lines) or f"All measures: {tables.NOT_YET}."


def _section(measure: Measure, runs: Sequence[Run]) -> str:
    return "\n\n".join([f"### {measure.name}", _taken(measure), *_found(measure, runs)])


def _taken(measure: Measure) -> str:
    """Say how a measure is taken, in the words of its code."""
    module = inspect.getdoc(inspect.getmodule(measure.run)) or ""
    rounds = "1 round" if measure.rounds == 1 else f"{measure.rounds} rounds"
    quick = "; also in the quick run, with less" if measure.quick else "; not in the quick run"
    return " ".join([module, inspect.getdoc(measure.run) or "", f"{rounds}{quick}."])


def _found(measure: Measure, runs: Sequence[Run]) -> list[str]:
    if not runs:
        return [f"{tables.NOT_YET.capitalize()}."]
    seen = [f"![{measure.name}, plotted]({FOLDER}/{plot_name(measure)})"]
    shown = [tables.figures(runs)]
    if measure.name == throughput.MEASURE.name:
        shown = [tables.systems(runs), tables.processes(runs)]
    return [*(seen if panels(measure, runs) else []), *map(markdown, shown)]
