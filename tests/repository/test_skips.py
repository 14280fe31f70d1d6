"""A skipped test turns CI red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SKIPS = {
    "skip": "@pytest.mark.skip\ndef test() -> None: ...",
    "xfail": "@pytest.mark.xfail(reason='later')\ndef test() -> None: assert False",
    "skip_in_test": "def test() -> None: pytest.skip('no broker')",
    "skip_of_module": "pytest.skip('no broker', allow_module_level=True)",
}


def exit_code_of_pytest(folder: Path, test: str, ci: str) -> int:
    """Run one test file under the conftest of this project, on its own."""
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "pytest.ini").write_text("[pytest]")
    (folder / "test_it.py").write_text(f"import pytest\n{test}\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder)]
    environment = os.environ | {"CI": ci}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return run.returncode


@pytest.mark.parametrize("kind", SKIPS)
def test_a_skip_fails_in_ci(kind: str, tmp_path: Path) -> None:
    assert exit_code_of_pytest(tmp_path, SKIPS[kind], ci="true") in {
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.INTERRUPTED,
    }


def test_a_skip_passes_elsewhere(tmp_path: Path) -> None:
    assert exit_code_of_pytest(tmp_path, SKIPS["skip"], ci="") == pytest.ExitCode.OK


def test_no_test_at_all_is_a_failure(tmp_path: Path) -> None:
    code = exit_code_of_pytest(tmp_path, "", ci="true")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
