"""The lock pins, by hash, all that pyproject.toml asks for, and names no registry."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements/dev.txt").read_text()
LOCKS_OF_THE_IMAGE = {
    "runtime": (ROOT / "requirements/runtime.txt").read_text(),
    "build": (ROOT / "requirements/build.txt").read_text(),
}
LOCKS = {"dev": LOCK, **LOCKS_OF_THE_IMAGE}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def requirements_asked_for() -> Iterator[str]:
    """Yield each requirement of the distribution, its extras and the dependency groups."""
    project = PYPROJECT["project"]
    for group in (
        [project["dependencies"]],
        project["optional-dependencies"].values(),
        PYPROJECT["dependency-groups"].values(),
    ):
        for requirements in group:
            yield from requirements


def pins(lock: str = LOCK) -> list[tuple[str, str]]:
    """Return a lock's (name, version) pairs; a name has several where markers tell them apart."""
    return re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE)


@pytest.mark.parametrize("text", list(requirements_asked_for()))
def test_the_lock_pins_what_is_asked_for(text: str) -> None:
    asked = Requirement(text)
    pinned = [version for name, version in pins() if name == canonicalize_name(asked.name)]
    assert pinned, f"{text} is not in the lock: run make lock"
    assert all(asked.specifier.contains(version) for version in pinned), f"{pinned}: run make lock"


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(lock))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_the_lock_names_no_registry_and_no_path(lock: str) -> None:
    assert re.findall(r"\S*(?:://|index-url|find-links|trusted-host)\S*|\s/\S+", lock) == []


@pytest.mark.parametrize("lock", LOCKS_OF_THE_IMAGE.values(), ids=LOCKS_OF_THE_IMAGE)
def test_the_image_is_made_of_what_is_tested(lock: str) -> None:
    assert set(pins(lock)) <= set(pins())


def test_the_image_has_all_that_joblog_needs() -> None:
    needed = {Requirement(text) for text in PYPROJECT["project"]["dependencies"]}
    locked = dict(pins(LOCKS_OF_THE_IMAGE["runtime"]))
    assert {canonicalize_name(one.name) for one in needed} <= locked.keys()


def test_the_lock_of_the_example_for_node_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads((ROOT / "examples/node/package-lock.json").read_text())
    pinned = {name: package for name, package in lock["packages"].items() if name}
    assert {f"node_modules/{name}" for name in lock["packages"][""]["dependencies"]} <= {*pinned}
    assert [name for name, package in pinned.items() if "integrity" not in package] == []
    assert [name for name, package in pinned.items() if "resolved" in package] == []
