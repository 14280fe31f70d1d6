"""Every example of README.md and docs/ runs, or says why it does not."""

import re
from pathlib import Path

import pytest

from joblog.streams.signals.metrics import Metrics
from tests.docs.blocks import blocks_of
from tests.docs.examples import Examples

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md")))
    if any(blocks_of(path))
]


@pytest.mark.parametrize(
    "document", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in DOCUMENTS]
)
def test_the_examples_run(document: Path, examples: Examples) -> None:
    examples.run(document)


def test_the_pages_that_teach_have_examples() -> None:
    taught = {path.name for path in DOCUMENTS}
    assert {"README.md", "ten-minutes.md", "handlers.md", "submit.md", "testing.md"} <= taught


NO_METRICS = {"joblog_handlers", "joblog_outbox"}
"""Other names of that form: a fixture, and a table."""


def test_metrics_that_are_named_are_there() -> None:
    metrics = {family.name for family in Metrics().registry.collect()}
    named = {
        name.removesuffix("_total")
        for path in ROOT.glob("docs/*.md")
        for name in re.findall(r"`(joblog_[a-z_]+)`", path.read_text(encoding="utf-8"))
        if name not in NO_METRICS
    }
    assert named
    assert named - metrics == set()
