"""What was measured, for a terminal."""

from collections.abc import Mapping, Sequence

import rich.table
from rich.console import Console

from benchmarks.measures import throughput
from benchmarks.measures.catalog import MEASURES
from benchmarks.report import tables
from benchmarks.result import Run


def show(found: Mapping[str, Sequence[Run]], console: Console) -> int:
    """Print the tables of what was found, by measure; return 0 where every bar holds."""
    runs = found.get(throughput.MEASURE.name)
    if runs:
        for table in (tables.systems(runs), tables.processes(runs)):
            console.print(_drawn(table))
        console.print(tables.DURABILITY)
    measures = [one for one in MEASURES if found.get(one.name)]
    console.print(_drawn(tables.bars(measures, found)))
    verdicts = [row.holds for one in measures for row in one.rows(found[one.name])]
    return 0 if all(verdicts) else 1


def _drawn(table: tables.Table) -> rich.table.Table:
    drawn = rich.table.Table(*table.header, title=table.title)
    for row in table.rows:
        drawn.add_row(*row)
    return drawn
