"""Plots of what was measured, one file for each measure."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.report.charts import Panel, panels
from benchmarks.result import Run


class PlottingMissingError(Exception):
    """What draws is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "no plots without matplotlib: install the locked dependencies, `make setup`"
        )


def plot(
    measures: Sequence[Measure], found: Mapping[str, Sequence[Run]], directory: Path
) -> list[Path]:
    """Draw each measure that has something to compare; return the files.

    Raises:
        PlottingMissingError: matplotlib is not installed.
    """
    seen = {
        directory / plot_name(one): shown
        for one in measures
        if (shown := panels(one, found.get(one.name, [])))
    }
    if seen:
        draw = _drawing()
        for path, shown in seen.items():
            draw(shown, path)
    return list(seen)


def _drawing() -> Callable[[Sequence[Panel], Path], None]:
    try:
        from benchmarks.report.drawing import draw  # noqa: PLC0415 - all else works without matplotlib
    except ModuleNotFoundError as error:
        raise PlottingMissingError from error
    return draw


def plot_name(measure: Measure) -> str:
    """Return the file name of a measure's plot."""
    return f"{measure.name}.svg"
