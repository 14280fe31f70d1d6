"""Runs the examples of a document, in their order."""

import importlib
import json
from pathlib import Path
from typing import Final

import pytest

from joblog.streams.settings import Settings
from tests.docs.blocks import Block, blocks_of
from tests.docs.python import PythonSession, importable
from tests.docs.terminal import Terminal

FIX: Final = (
    "make it a python, console, toml or json block that runs, or say above it why it cannot: "
    "<!-- not run: the reason -->"
)


class UntestedBlockError(AssertionError):
    """A block is neither run nor declared as one that is not."""

    def __init__(self, block: Block) -> None:
        super().__init__(f"{block.place}: nobody knows how to run {block.language!r}: {FIX}")


class Examples:
    """Runs blocks: Python in one session, commands in one terminal, and files are written where both are.

    Args:
        python: runs Python.
        terminal: types commands.
    """

    def __init__(self, python: PythonSession, terminal: Terminal) -> None:
        self._python = python
        self._terminal = terminal
        self._tests: list[Block] = []

    def run(self, document: Path) -> None:
        """Run all examples of a document."""
        for block in blocks_of(document):
            if block.not_run is None:
                self._run(block)
        ran = any("pytest" in command for command in self._terminal.commands)
        unused = [block.place for block in self._tests if not ran]
        assert not unused, f"{unused}: tests that no `python -m pytest` in the document runs"
        self._terminal.close()

    def _run(self, block: Block) -> None:
        directory = self._terminal.directory
        if block.title is not None:
            _write(block, directory / block.title)
        match block.language:
            case "console":
                self._terminal.show(block)
            case "python" if block.title is None:
                self._python.run(block, directory)
            case "python":
                self._import(block, directory)
            case "toml":
                _load_settings(block, directory)
            case "json":
                json.loads(block.source)
            case _:
                raise UntestedBlockError(block)

    def _import(self, block: Block, directory: Path) -> None:
        name = Path(block.title or "").stem
        if name.startswith("test_"):
            self._tests.append(block)
            return
        with importable(directory):
            importlib.import_module(name)


def needs_a_log(document: Path) -> bool:
    """Return whether commands of a document need a log on a real Kafka."""
    return any(
        "$ joblog dev" in block.source
        for block in blocks_of(document)
        if block.language == "console" and block.not_run is None
    )


def _write(block: Block, file: Path) -> None:
    """Write a file; of one that is there already, the block shows a part."""
    if not file.exists():
        file.write_text(block.source, encoding="utf-8")
    assert block.source.strip() in file.read_text(encoding="utf-8"), f"{block.place}: not in {file}"


def _load_settings(block: Block, directory: Path) -> None:
    """Take TOML for what it is in these documents: a file of settings."""
    file = directory / "settings.toml"
    file.write_text(block.source, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JOBLOG_SETTINGS_FILE", str(file))
        assert Settings().model_fields_set, f"{block.place} sets nothing"
