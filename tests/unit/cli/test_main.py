"""What the command says of itself, and how it ends."""

import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from joblog.cli.app import app
from joblog.cli.errors import HandlersUnloadableError
from joblog.cli.exit_codes import ExitCode, exit_code_of
from joblog.cli.output import print_table, shortened
from joblog.processors.worker.errors import NoHandlersError


def test_it_shows_its_version() -> None:
    ran = CliRunner().invoke(app, ["--version"])
    assert (ran.exit_code, ran.output) == (0, f"joblog {version('joblog')}\n")


def test_what_is_no_command_is_compared_with_all() -> None:
    ran = CliRunner().invoke(app, ["sheduler"])
    assert ran.exit_code == ExitCode.USAGE
    assert "Did you mean 'scheduler'?" in ran.output


def test_a_command_imports_no_other_one() -> None:
    """A worker starts in half the time that importing all commands takes."""
    code = (
        "import sys, joblog.cli.app as it, typer; root = typer.main.get_command(it.app);"
        "root.get_command(typer.Context(root), 'worker'); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert "joblog.cli.processes" in loaded.stdout.split()
    assert not {"joblog.cli.jobs", "joblog.client.client", "faust"} & {*loaded.stdout.split()}


def test_a_worker_without_handlers_is_unloadable() -> None:
    unloadable = HandlersUnloadableError(("jobs",), "there is no such module")
    assert exit_code_of(NoHandlersError()) == exit_code_of(unloadable) == ExitCode.UNLOADABLE


def test_a_table_cuts_nothing_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("joblog.cli.output.NARROWEST", 20)
    print_table(("job", "type"), [("0123456789abcdefghij", "mail")])
    shown = capsys.readouterr().out
    assert all(letter in shown for letter in "0123456789abcdefghij")
    assert "…" not in shown


def test_what_is_shortened_says_so() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
