"""The ledger of handlers."""

import multiprocessing
from pathlib import Path

import pytest

from tests.history.errors import MalformedLineError
from tests.history.ledger import Effect, Effects, Ledger, read_ledger

PROCESSES, LINES = 4, 200


def _append_many(path: Path, process: int) -> None:
    for line in range(LINES):
        Ledger(path).append(f"job-{process}" * 50, 1, line, "start")


def test_lines_of_many_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "effects.jsonl"
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_append_many, args=(path, process)) for process in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(read_ledger(path)) == PROCESSES * LINES


def test_a_directory_is_read_whole(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Ledger(tmp_path / f"{name}.jsonl", clock=lambda: 7).append(name, 1, 2, "end")
    found = [(effect.job_id, effect.attempt, effect.at_ms) for effect in read_ledger(tmp_path)]
    assert found == [("a", 2, 7), ("b", 2, 7)]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[]",
        '{"job_id": "a"}',
        '{"job_id":"a","generation":1,"attempt":1,"at_ms":1,"worker_pid":1,"what":"middle"}',
        '{"job_id":"a","generation":1,"attempt":true,"at_ms":1,"worker_pid":1,"what":"start"}',
    ],
)
def test_a_malformed_line_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "effects.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(MalformedLineError) as raised:
        read_ledger(path)
    assert (raised.value.path, raised.value.line) == (str(path), line)


def test_effects_are_in_the_order_of_time() -> None:
    late, early = (Effect("a", 1, 1, at_ms, 1, "start") for at_ms in (2, 1))
    assert Effects([late, early]).starts == {("a", 1, 1): [early, late]}
