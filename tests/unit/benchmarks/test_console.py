"""What a terminal shows of a benchmark."""

from io import StringIO

import pytest
from rich.console import Console

from benchmarks.measure import Row
from benchmarks.report import console
from tests.unit.benchmarks.samples import measure, waits


@pytest.mark.parametrize(("more", "verdict", "code"), [(0, "holds", 0), (5, "FAILS", 1)])
def test_each_bar_has_its_verdict(
    monkeypatch: pytest.MonkeyPatch, more: float, verdict: str, code: int
) -> None:
    monkeypatch.setattr(console, "MEASURES", [measure(), measure("not chosen")])
    runs = waits()
    for run in runs:
        vars(run)["figures"] = {"wait, p50, ms": run.figures["wait, p50, ms"] + more}
    out = StringIO()
    assert console.show({"waits": runs}, Console(file=out, width=120)) == code
    [line] = [line for line in out.getvalue().splitlines() if "≤ 5 ms" in line]
    assert verdict in line
    assert "not chosen" not in out.getvalue()


@pytest.mark.parametrize(
    ("values", "figure", "spread"),
    [([1.0, 2.0, 3.5], "2×", "1× – 3.50×"), ([12.34], "12.3×", ""), ([1_234.5], "1,234×", "")],
)
def test_a_figure_is_the_median_with_least_and_most(
    values: list[float], figure: str, spread: str
) -> None:
    row = Row.at_least("rate", 2, values, "×")
    assert (row.bar, row.figure, row.spread) == ("≥ 2×", figure, spread)
