"""A place in which the examples of a document run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from joblog.streams.settings import Settings
from tests.docs.examples import Examples, needs_a_log
from tests.docs.python import PythonSession, in_memory, python_session
from tests.docs.terminal import Terminal
from tests.kafka.cli.running import environment

NOWHERE: Final = "127.0.0.1:1"

__all__ = ["in_memory", "python_session"]


@pytest.fixture
def terminal(request: pytest.FixtureRequest, namespace: str, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal on the session's broker where a test needs one, with a log of its own."""
    called = getattr(request.node, "callspec", None)
    document = None if called is None else called.params.get("document")
    needs_broker = document is not None and needs_a_log(document)
    servers = request.getfixturevalue("bootstrap_servers") if needs_broker else NOWHERE
    settings = Settings(
        bootstrap_servers=servers, namespace=namespace, data_dir=tmp_path / ".joblog"
    )
    directory = tmp_path / "here"
    directory.mkdir()
    terminal = Terminal(directory, environment(settings))
    yield terminal
    terminal.kill()


@pytest.fixture
def examples(python_session: PythonSession, terminal: Terminal) -> Examples:
    """Runs the examples of a document."""
    return Examples(python_session, terminal)
