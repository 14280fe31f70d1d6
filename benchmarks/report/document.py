"""The document about performance: its made parts, and the results and plots that are kept beside it."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.measure import Measure
from benchmarks.report.markdown import FOLDER, parts
from benchmarks.report.plots import plot
from benchmarks.result import Run, load, source_hash, store

DOCUMENT: Final = "performance.md"
Draw = Callable[[Sequence[Measure], Mapping[str, Sequence[Run]], Path], object]
COMMAND: Final = "python -m benchmarks --document"
PART: Final = re.compile(r"(<!-- made: (\w+) -->\n)(?:.*?\n)??(<!-- end -->)", re.DOTALL)


def write(measures: Sequence[Measure], results: Path, docs: Path, draw: Draw = plot) -> list[str]:
    """Keep the whole results of the sources as they are, draw them, and fill them into the document.

    Args:
        measures: all measures.
        results: where a benchmark leaves its results.
        docs: the folder of the document.
        draw: draws the plots.

    Returns:
        The names of the measures that are new; of the others what was kept before stays.

    Raises:
        PlottingMissingError: matplotlib is not installed; nothing is changed then.
    """
    new = {one.name: runs for one in measures if (runs := _whole(one, results))}
    found = kept(measures, docs) | new
    draw(measures, found, docs / FOLDER)
    for name, runs in new.items():
        store(docs / FOLDER / f"{name}.json", runs)
    path = docs / DOCUMENT
    path.write_text(made(path.read_text(encoding="utf-8"), measures, docs), encoding="utf-8")
    return list(new)


def made(text: str, measures: Sequence[Measure], docs: Path) -> str:
    """Return the document's text with its made parts as the kept results have them."""
    content = parts(measures, kept(measures, docs))
    return PART.sub(lambda part: f"{part[1]}\n{content[part[2]]}\n\n{part[3]}", text)


def kept(measures: Sequence[Measure], docs: Path) -> dict[str, list[Run]]:
    """Return the results beside the document, by measure."""
    found = {one.name: load(docs / FOLDER / f"{one.name}.json") for one in measures}
    return {name: runs for name, runs in found.items() if runs}


def _whole(measure: Measure, results: Path) -> list[Run]:
    """Return the runs of all rounds of a measure; none if some are missing or of other sources."""
    runs = [run for run in load(results / f"{measure.name}.json") if run.source == source_hash()]
    return runs if len(runs) == measure.rounds * len(measure.variants) else []
