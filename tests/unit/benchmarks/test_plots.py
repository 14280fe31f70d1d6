"""Plots are drawn the same each time, and nothing but plots needs what draws them."""

import sys
from pathlib import Path

import pytest

from benchmarks.report.plots import PlottingMissingError, plot
from tests.unit.benchmarks.samples import measure, systems, waits


def test_a_plot_is_small_and_the_same_each_time(tmp_path: Path) -> None:
    measures = [measure("rates", ("Peer", "joblog")), measure(), measure("nothing")]
    found = {"rates": systems(), "waits": waits()}
    once, again = (plot(measures, found, tmp_path / name) for name in ("once", "again"))
    assert [path.name for path in once] == ["rates.svg", "waits.svg"]
    for one, other in zip(once, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert b"<dc:date>" not in one.read_bytes()
        assert len(one.read_bytes()) < 40_000


def test_without_matplotlib_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "benchmarks.report.drawing", None)
    with pytest.raises(PlottingMissingError, match="make setup"):
        plot([measure()], {"waits": waits()}, tmp_path)
