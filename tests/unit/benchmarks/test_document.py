"""The document about performance says what the results beside it say."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measures.catalog import MEASURES
from benchmarks.report.document import COMMAND, DOCUMENT, kept, made, write
from benchmarks.result import source_hash, store
from tests.unit.benchmarks.samples import measure, waits

DOCS = Path(__file__).parents[3] / "docs"
TEXT = "# Title\n\n<!-- made: bars -->\n<!-- end -->\n\nkept\n\n<!-- made: measures -->\nold\n<!-- end -->\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / DOCUMENT).write_text(TEXT)
    return folder


def test_the_document_is_not_stale() -> None:
    text = (DOCS / DOCUMENT).read_text(encoding="utf-8")
    assert text == made(text, MEASURES, DOCS), f"stale: run {COMMAND}"


def test_every_plot_of_the_document_is_there_and_no_other() -> None:
    text = (DOCS / DOCUMENT).read_text(encoding="utf-8")
    plots = set(re.findall(r"!\[.*?\]\(performance/(.+?)\)", text))
    assert plots == {path.name for path in (DOCS / "performance").glob("*.svg")}


def test_what_was_kept_was_a_full_run() -> None:
    short = [name for name, runs in kept(MEASURES, DOCS).items() if any(run.quick for run in runs)]
    assert not short


def test_a_measure_without_results_is_not_measured_yet(docs: Path) -> None:
    text = made(TEXT, [measure()], docs)
    assert "| waits |  | not measured yet |  |  |" in text
    assert "Not measured yet." in text
    assert "kept" in text
    assert "old" not in text


def test_whole_results_are_kept_drawn_and_filled_in(docs: Path, tmp_path: Path) -> None:
    results, drawn = tmp_path / "results", []
    runs = [replace(run, source=source_hash(), machine="2 cores") for run in waits()]
    store(results / "waits.json", runs)
    one = measure()
    new = write([one], results, docs, lambda _, found, folder: drawn.append((found, folder)))
    assert new == ["waits"]
    assert drawn == [({"waits": runs}, docs / "performance")]
    assert kept([one], docs) == {"waits": runs}
    text = (docs / DOCUMENT).read_text()
    assert "| wait | ≤ 5 ms | 2.50 ms | 2 ms – 3 ms | holds |" in text
    assert "| joblog | most, ms | 9.50 | 9 – 10 |" in text
    assert "![waits, plotted](performance/waits.svg)" in text


@pytest.mark.parametrize(("rounds", "source"), [(1, source_hash()), (2, "other")])
def test_results_of_other_sources_or_a_broken_off_run_are_left(
    docs: Path, tmp_path: Path, rounds: int, source: str
) -> None:
    runs = [replace(run, source=source) for run in waits()]
    store(tmp_path / "results" / "waits.json", runs[:rounds])
    assert write([measure()], tmp_path / "results", docs, lambda *_: None) == []
    assert not (docs / "performance").exists()
