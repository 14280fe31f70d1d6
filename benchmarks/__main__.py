"""`make bench`: every measure, several rounds, a table of figures, bars and verdicts, and plots."""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track

from benchmarks.machine import machine
from benchmarks.measure import Measure
from benchmarks.measures.catalog import MEASURES
from benchmarks.report.console import show
from benchmarks.report.document import DOCUMENT, write
from benchmarks.report.plots import PlottingMissingError, plot
from benchmarks.result import Run, load, source_hash, store

RESULTS: Final = Path("benchmarks/results")
DOCS: Final = Path("docs")


def main() -> int:
    """Run what is missing of all rounds, and print the tables; 0 where every bar holds."""
    options = _options()
    console = Console()
    if options.document:
        return _document(console)
    found = {}
    for measure in MEASURES:
        chosen = measure.name in options.only or not options.only
        if chosen and (measure.quick or not options.quick):
            found[measure.name] = _measured(measure, options)
    code = show(found, console)
    if not (options.quick or options.variants):
        _plot(found, console)
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="one short round of most measures, below 3 minutes; neither stored nor plotted",
    )
    parser.add_argument("--fresh", action="store_true", help="forget the stored runs")
    parser.add_argument(
        "--only", nargs="+", default=[], choices=[measure.name for measure in MEASURES]
    )
    parser.add_argument(
        "--variants", nargs="+", default=[], help="only these of each measure; not stored"
    )
    parser.add_argument(
        "--document",
        action="store_true",
        help=f"run nothing; put the stored results into {DOCS / DOCUMENT}",
    )
    return parser.parse_args()


def _document(console: Console) -> int:
    try:
        new = write(MEASURES, RESULTS, DOCS)
    except PlottingMissingError as error:
        console.print(error)
        return 1
    console.print(f"{DOCS / DOCUMENT} is made; new in it: {', '.join(new) or 'nothing'}")
    return 0


def _plot(found: Mapping[str, Sequence[Run]], console: Console) -> None:
    try:
        drawn = plot(MEASURES, found, RESULTS)
    except PlottingMissingError as error:
        console.print(error)
        return
    console.print("Plots:", *map(str, drawn))


def _measured(measure: Measure, options: argparse.Namespace) -> list[Run]:
    keep = not (options.quick or options.variants)
    variants = [one for one in measure.variants if not options.variants or one in options.variants]
    path = RESULTS / f"{measure.name}.json"
    runs = load(path) if keep and not options.fresh else []
    runs = [run for run in runs if run.source == source_hash()]
    rounds = 1 if options.quick else measure.rounds
    turns = [variant for number in range(rounds) for variant in _order(number, variants)]
    for variant in track(turns[len(runs) :], measure.name, console=Console(stderr=True)):
        with tempfile.TemporaryDirectory(prefix="joblog-bench-") as directory:
            run = measure.run(variant, options.quick, Path(directory))
        runs.append(replace(run, quick=options.quick, source=source_hash(), machine=machine()))
        if keep:
            store(path, runs)
    return runs


def _order(number: int, variants: Sequence[str]) -> list[str]:
    """Each round begins with another variant."""
    first = number % len(variants) if variants else 0
    return [*variants[first:], *variants[:first]]


if __name__ == "__main__":
    sys.exit(main())
