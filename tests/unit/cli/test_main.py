"""What the command says of itself, and how it ends."""

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
