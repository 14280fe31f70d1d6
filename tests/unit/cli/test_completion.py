"""A shell completes commands and options once `joblog --install-completion` has run."""

import os
import subprocess
import sys

import pytest

NAME = "joblog"


def said(*arguments: str, **environment: str) -> str:
    """Run the command under its own name, as a child of bash, and return what it prints."""
    program = "import sys; sys.argv[0] = 'joblog'; from joblog.cli.main import main; main()"
    done = subprocess.run(
        ["/bin/bash", "-c", '"$@"; exit $?', "bash", sys.executable, "-c", program, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("words", "place", "offered"),
    [
        ("joblog to", 1, "topics"),
        ("joblog topics pl", 2, "plan"),
        ("joblog submit --fi", 2, "--file"),
    ],
)
def test_words_are_completed(words: str, place: int, offered: str) -> None:
    shell = {"_JOBLOG_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(place)}
    assert said(**shell).split() == [offered]


def test_what_would_be_installed_is_shown() -> None:
    assert "_JOBLOG_COMPLETE=complete_bash" in said("--show-completion")
