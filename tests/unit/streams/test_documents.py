"""The documents that are made from the code say what the code says."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.lifecycle.states import TRANSITIONS, Status
from joblog.streams.documents.__main__ import COMMAND, DOCUMENTS, main
from joblog.streams.documents.pictures import flow, states

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("name", "document"), DOCUMENTS.items())
def test_a_document_is_not_stale(name: str, document: Callable[[], str]) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == document(), f"stale: run {COMMAND}"


def test_the_command_writes_all_documents(tmp_path: Path) -> None:
    main(tmp_path)
    written = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*")}
    assert written == set(DOCUMENTS)


def test_every_setting_is_documented() -> None:
    rows = [line for line in DOCUMENTS["settings.md"]().splitlines() if line.startswith("| `")]
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert len(cells) > 40
    assert [row for row in cells if len(row) != 5 or not all(row)] == []


def test_every_state_and_every_change_is_drawn() -> None:
    changes = {(source, to) for (source, _), targets in TRANSITIONS.items() for to in targets}
    drawn = {(source, change.target) for change in states.CHANGES for source in change.sources}
    assert drawn == changes
    assert set(states.PLACES) == set(Status)
    text = DOCUMENTS["pictures/states.svg"]()
    assert [event for _, event in TRANSITIONS if f">{event}" not in text] == []


def test_every_topic_and_who_writes_and_reads_it_is_drawn() -> None:
    assert set(flow.ARROWS) == flow.flows()
    assert {*flow.TOPICS, *flow.SAID} == set(flow.topics())
    assert {end for arrow in flow.ARROWS for end in arrow} == {*flow.TOPICS, *flow.COMPONENTS}


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".svg")])
def test_a_picture_needs_nothing_but_itself(name: str) -> None:
    text = DOCUMENTS[name]()
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own
    assert text.count("http") == 1
    assert "prefers-color-scheme: dark" in text
