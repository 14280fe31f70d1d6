"""docs/command.md says what the commands say."""

from pathlib import Path

import typer
from typer.core import TyperGroup

from joblog.cli.app import app
from joblog.cli.commands import WHERE
from joblog.cli.document import MAKER, NAME, command_document, main
from joblog.cli.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs"


def test_the_document_is_not_stale() -> None:
    found = (DOCS / NAME).read_text(encoding="utf-8")
    assert found == command_document(), f"stale: run python -m {MAKER} docs"


def test_the_module_writes_the_document(tmp_path: Path) -> None:
    main(tmp_path)
    assert (tmp_path / NAME).read_text(encoding="utf-8") == command_document()


def test_every_exit_code_and_every_command_is_in_it() -> None:
    text = command_document()
    for code in ExitCode:
        assert f"| {code.value} | " in text
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    context = typer.Context(root)
    for name in WHERE:
        command = root.get_command(context, name)
        inner = command.commands if isinstance(command, TyperGroup) else {"": command}
        for word in inner:
            assert f"## joblog {name} {word}".rstrip() in text


def test_every_option_says_what_it_means() -> None:
    rows = [line for line in command_document().splitlines() if line.startswith("| `")]
    cells = [row.strip("|").split(" | ") for row in rows]
    assert len(cells) > 60
    assert [row for row in cells if not row[-1].strip()] == []
