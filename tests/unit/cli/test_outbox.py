"""The outbox's commands without its extra."""

import sys

import pytest

from joblog.cli import outbox
from joblog.cli.errors import OutboxExtraMissingError


@pytest.mark.parametrize("command", ["create", "status", "relay_"])
def test_without_the_extra_a_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for module in [name for name in sys.modules if name.startswith("joblog.outbox")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(OutboxExtraMissingError, match=r"pip install 'joblog\[outbox\]'"):
        getattr(outbox, command)()
