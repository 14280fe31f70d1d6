"""Who may import whom, as far as import-linter and ruff cannot say it."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("schemas", "lifecycle", "streams", "processors")
CLOCK_READERS = {"now", "utcnow", "today"}


def modules_imported_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each import of a folder's files as (file, dotted name)."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from ((file, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((file, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_one_import_name(name: str) -> None:
    assert importlib.import_module(f"joblog.{name}").__name__ == f"joblog.{name}"
    with pytest.raises(ImportError, match=f"import joblog.{name}"):
        importlib.import_module(name)


def test_no_layer_imports_the_sdk_or_the_command_line() -> None:
    graph = grimp.build_graph("joblog", cache_dir=None)
    layers = {f"joblog.{name}" for name in LAYERS}
    inside = {module for module in graph.modules if ".".join(module.split(".")[:2]) in layers}
    assert inside >= layers
    upward = {
        f"{module} imports {imported}"
        for module in inside
        for imported in graph.find_modules_directly_imported_by(module) - inside
    }
    assert not upward


def test_the_history_checker_shares_no_code_with_what_it_judges() -> None:
    judged = tuple(f"joblog.{name}." for name in ("lifecycle", "processors"))
    shared = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file, name in modules_imported_in(ROOT / "tests/history")
        if f"{name}.".startswith(judged)
    ]
    assert not shared


def test_nothing_that_is_decided_reads_a_clock() -> None:
    calls = [
        f"{file.relative_to(ROOT)}:{node.lineno} calls {node.func.attr}()"
        for file in (ROOT / "lifecycle").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in CLOCK_READERS
    ]
    assert not calls
