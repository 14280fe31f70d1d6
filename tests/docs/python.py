"""A Python session in which a document's Python is typed; its clients have a joblog in memory."""

import ast
import asyncio
import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Final

import pytest

import joblog
from joblog.processors.worker.registry import HANDLERS
from joblog.streams.settings import Settings
from joblog.testing import MemoryClient, SyncMemoryClient
from tests.docs.blocks import Block

NAME: Final = "document"


class PythonSession:
    """Runs blocks in one module, as `python -m asyncio` does: `await` may stand at the top.

    Args:
        module: the module.
        runner: runs what awaits.
    """

    def __init__(self, module: ModuleType, runner: asyncio.Runner) -> None:
        self._module = module
        self._runner = runner

    def run(self, block: Block, directory: Path) -> None:
        """Run a block.

        Args:
            block: the block.
            directory: where modules are that it imports.
        """
        source = "\n" * block.line + block.source
        code = compile(
            source, str(block.path), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
        with importable(directory):
            awaiting = FunctionType(code, vars(self._module))()
            if inspect.iscoroutine(awaiting):
                self._runner.run(awaiting)


@contextmanager
def importable(directory: Path) -> Iterator[None]:
    """Let modules in a directory be imported."""
    sys.path.insert(0, str(directory))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(directory))


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each client a joblog in memory, and the handlers that were declared since this began."""
    opened: list[SyncMemoryClient] = []

    class InMemory(MemoryClient):
        def __init__(self, settings: Settings | None = None, *, name: str | None = None) -> None:
            del name
            super().__init__(settings=settings)

    class SyncInMemory(SyncMemoryClient):
        def __init__(self, settings: Settings | None = None, *, name: str | None = None) -> None:
            del name
            super().__init__(settings=settings)
            opened.append(self)

    monkeypatch.setattr(joblog, "Client", InMemory)
    monkeypatch.setattr(joblog, "SyncClient", SyncInMemory)
    for kind in ("_handlers", "resources", "middlewares"):
        monkeypatch.setattr(HANDLERS, kind, {})
    yield
    for client in opened:
        client.close()


@pytest.fixture
def python_session(in_memory: None, tmp_path: Path) -> Iterator[PythonSession]:
    """A session of its own for each document; what it imports from there is forgotten again."""
    del in_memory
    module = ModuleType(NAME)
    sys.modules[NAME] = module
    with asyncio.Runner() as runner:
        yield PythonSession(module, runner)
    del sys.modules[NAME]
    for name, imported in list(sys.modules.items()):
        file = getattr(imported, "__file__", None)
        if file is not None and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]
