"""The documents that are made from the code say what the code says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.streams.documents.__main__ import COMMAND, DOCUMENTS, main

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("name", "document"), DOCUMENTS.items())
def test_a_document_is_not_stale(name: str, document: Callable[[], str]) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == document(), f"stale: run {COMMAND}"


def test_the_command_writes_all_documents(tmp_path: Path) -> None:
    main(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(DOCUMENTS)


def test_every_setting_is_documented() -> None:
    rows = [line for line in DOCUMENTS["settings.md"]().splitlines() if line.startswith("| `")]
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert len(cells) > 40
    assert [row for row in cells if len(row) != 5 or not all(row)] == []
