"""What is seen of a measure follows from its figures."""

from benchmarks.report.charts import panels
from benchmarks.result import Run
from tests.unit.benchmarks.samples import measure, systems, waits


def test_figures_of_one_unit_share_a_panel_and_counts_have_none() -> None:
    [panel] = panels(measure(), waits())
    assert panel.unit == "ms"
    assert [bar.label for bar in panel.bars] == ["wait, p50", "most"]
    assert [bar.length for bar in panel.bars] == [2.5, 9.5]


def test_a_figure_with_a_bar_shows_it() -> None:
    [panel] = panels(measure(), waits())
    assert [bar.limit for bar in panel.bars] == [5, None]


def test_a_single_figure_without_a_bar_compares_nothing() -> None:
    assert panels(measure(), [Run("joblog", {"jobs": 3, "recovery s": 2.0})]) == []
    assert panels(measure(), []) == []


def test_systems_are_ordered_from_the_best() -> None:
    rate, cpu = panels(measure(variants=("Peer", "joblog")), systems())
    assert (rate.unit, cpu.unit) == ("jobs/s", "CPU s per 1,000 jobs")
    assert [bar.label for bar in rate.bars] == ["joblog", "Peer"]
    assert [bar.label for bar in cpu.bars] == ["joblog", "Peer"]
    assert rate.bars[0].rounds == (3_000, 3_200)


def test_cpu_time_is_split_by_what_processes_are_to_a_system() -> None:
    _, cpu = panels(measure(variants=("Peer", "joblog")), systems())
    assert cpu.bars[0].parts == {"store": 0.3, "scheduler": 0.2, "workers": 0.1}
    assert cpu.bars[1].parts == {"store": 0.2, "workers": 1.0}
