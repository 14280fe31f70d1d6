"""`joblog init` writes a project whose tests pass, and overwrites nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from joblog.cli.errors import FilesExistError
from joblog.cli.init import FILES, init

SECONDS = 60


def test_the_tests_of_a_new_project_pass(tmp_path: Path) -> None:
    project = tmp_path / "new" / "project"
    init(project)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text("mine")
    with pytest.raises(FilesExistError, match=r"jobs\.py .* choose another directory"):
        init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.py"]
    assert (tmp_path / "jobs.py").read_text() == "mine"
    assert "jobs.py" in FILES


def test_the_state_of_dev_is_kept_out_of_git(tmp_path: Path) -> None:
    init(tmp_path)
    assert "/.joblog/" in (tmp_path / ".gitignore").read_text().splitlines()
