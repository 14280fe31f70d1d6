"""Which changes of source files renew workers."""

from pathlib import Path

import pytest
from watchfiles import Change

from joblog.cli.reload import Reload, SourceFilter


class Renewals:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_changed_code_renews_workers_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renewals = Renewals()
    files = [written(tmp_path / f"{name}.py", "a = 1\n") for name in "abcde"]
    Reload(renewals).changed(files)
    assert renewals.count == 1
    assert "a.py, b.py, c.py and 2 more changed: workers start again" in capsys.readouterr().err


def test_code_that_cannot_be_compiled_leaves_the_old_at_work_until_it_is_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renewals = Renewals()
    reload = Reload(renewals)
    broken = written(tmp_path / "a.py", "a = 1\ndef\n")
    reload.changed([broken])
    assert renewals.count == 0
    said = capsys.readouterr().err
    assert "a.py: line 2: invalid syntax; workers go on with the code that they have" in said
    reload.changed([written(tmp_path / "b.py", "b = 1\n")])
    assert renewals.count == 0  # a.py is still broken
    reload.changed([written(broken, "a = 1\n")])
    assert renewals.count == 1


def test_a_broken_file_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    renewals = Renewals()
    reload = Reload(renewals)
    broken = written(tmp_path / "a.py", "def\n")
    reload.changed([broken])
    broken.unlink()
    reload.changed([written(tmp_path / "b.py", "b = 1\n")])
    assert renewals.count == 1


def test_data_tools_and_other_files_are_no_source(tmp_path: Path) -> None:
    is_source = SourceFilter(tmp_path / "data")
    assert is_source(Change.modified, str(tmp_path / "jobs.py"))
    assert is_source(Change.added, str(tmp_path / "shop" / "jobs.py"))
    assert is_source(Change.deleted, str(tmp_path / "redis.py"))  # which hid a package
    assert not is_source(Change.modified, str(tmp_path / "data" / "jobs.py"))
    assert not is_source(Change.modified, str(tmp_path / ".venv" / "jobs.py"))
    assert not is_source(Change.modified, str(tmp_path / "__pycache__" / "jobs.cpython-311.pyc"))
    assert not is_source(Change.modified, str(tmp_path / "notes.txt"))
