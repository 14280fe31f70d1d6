"""Draws bars with matplotlib: SVG in colours that are legible on white and on black, the same bytes each time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.measure import shown
from benchmarks.report.charts import Bar, Panel
from benchmarks.returned import SHOWN

INK: Final = "#767676"
"""Of text: 4.5 to 1 on white, 4 to 1 on black."""

OTHERS: Final = "#b1b8c0"
OURS: Final = "#2f81f7"
BOUND: Final = "#d1453b"
SPREAD: Final = "#5f6368"
PARTS: Final = ("#8b949e", "#d9822b", "#2f81f7", "#2da44e", "#bf5fd0")
BAR_INCHES: Final = 0.3
PANEL_INCHES: Final = 0.75
WIDTH_INCHES: Final = 7.5
ROOM: Final = 1.3
"""Width of a panel, in longest bars: there is text behind each."""

STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "joblog",
    "svg.fonttype": "none",  # text stays text: small files, the reader's font
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def draw(panels: Sequence[Panel], path: Path) -> None:
    """Draw panels, one below the other, into an SVG file."""
    heights = [PANEL_INCHES + BAR_INCHES * len(panel.bars) for panel in panels]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, sum(heights)), layout="constrained")
        grid = figure.subplots(len(panels), squeeze=False, height_ratios=heights)
        for panel, [axes] in zip(panels, grid, strict=True):
            _draw(panel, axes)
        path.parent.mkdir(parents=True, exist_ok=True)
        nothing_of_now = {"Date": None, "Creator": None}
        figure.savefig(path, format="svg", transparent=True, metadata=nothing_of_now)


def _draw(panel: Panel, axes: Axes) -> None:
    colours = _colours(panel)
    for place, bar in enumerate(panel.bars):
        _draw_bar(bar, place, axes, colours)
    for name, colour in colours.items():
        axes.barh(0, 0, color=colour, label=name)
    if colours:
        axes.legend(frameon=False, loc="lower right", fontsize=8)
    axes.set_title(panel.unit, loc="left", fontsize=10)
    axes.set_yticks(range(len(panel.bars)), [bar.label for bar in panel.bars])
    axes.set_ylim(len(panel.bars) - 0.5, -0.5)
    axes.set_xlim(0, ROOM * max(_end(bar) for bar in panel.bars))
    axes.tick_params(length=0, labelbottom=False)
    axes.spines[:].set_visible(False)
    for label in axes.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() == SHOWN else "normal")


def _draw_bar(bar: Bar, place: int, axes: Axes, colours: Mapping[str, str]) -> None:
    left = 0.0
    own = OURS if bar.label == SHOWN or bar.limit is not None else OTHERS
    for name, length in (bar.parts or {"": bar.length}).items():
        axes.barh(place, length, 0.65, left, color=colours.get(name, own))
        left += length
    if len(bar.rounds) > 1:
        axes.plot([min(bar.rounds), max(bar.rounds)], [place, place], color=SPREAD, linewidth=1.5)
    text = shown(bar.length)
    if bar.limit is not None:
        axes.plot([bar.limit, bar.limit], [place - 0.45, place + 0.45], color=BOUND, linewidth=2)
        text += f"  (bar {shown(bar.limit)})"
    axes.annotate(text, (_end(bar), place), (4, 0), textcoords="offset points", va="center")


def _colours(panel: Panel) -> dict[str, str]:
    """Return a colour for each part."""
    names = sorted({name for bar in panel.bars for name in bar.parts})
    return {name: PARTS[number % len(PARTS)] for number, name in enumerate(names)}


def _end(bar: Bar) -> float:
    return max(*bar.rounds, bar.limit or 0.0)
