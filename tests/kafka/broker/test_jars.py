"""Kafka's jars: exactly the locked bytes, fetched only when they are not there."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from joblog.streams.broker import (
    BrokerExtraMissingError,
    KafkaJarAlteredError,
    KafkaJarUnavailableError,
)
from joblog.streams.broker.jars import ROOTS, KafkaJar, fetch_jars, lock_text, locked_jars

GOOD = b"the jar"
JAR = KafkaJar("org.example", "thing", "1.0", hashlib.sha256(GOOD).hexdigest())

Fetch = Callable[[Path], None]


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fetch], None]:
    """Puts a function in the place of Maven Central."""

    def answer_with(fetch: Fetch) -> None:
        monkeypatch.setattr(
            "jgo.maven.MavenContext", lambda repo_cache: _context(repo_cache, fetch)
        )

    return answer_with


def _context(repository: Path, fetch: Fetch) -> SimpleNamespace:
    """As much of jgo's MavenContext as is used."""

    def resolve() -> None:
        path = JAR.path_in(repository)
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        fetch(path)

    component = SimpleNamespace(artifact=lambda: SimpleNamespace(resolve=resolve))
    project = SimpleNamespace(at_version=lambda _version: component)
    return SimpleNamespace(repo_cache=repository, project=lambda _group, _artifact: project)


def writes(content: bytes) -> Fetch:
    def fetch(path: Path) -> None:
        path.write_bytes(content)

    return fetch


def raises(error: Exception) -> Fetch:
    def fetch(_path: Path) -> None:
        raise error

    return fetch


def test_the_lock_names_each_root_and_no_registry() -> None:
    jars = locked_jars(lock_text())

    assert {jar.coordinate for jar in jars} >= set(ROOTS)
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in jars)
    assert "://" not in lock_text()


def test_a_missing_jar_is_fetched_once(maven: Callable[[Fetch], None], tmp_path: Path) -> None:
    maven(writes(GOOD))
    assert [path.read_bytes() for path in fetch_jars((JAR,), tmp_path)] == [GOOD]

    maven(raises(AssertionError("asked for what was there")))
    assert [path.read_bytes() for path in fetch_jars((JAR,), tmp_path)] == [GOOD]


def test_a_download_that_was_cut_off_is_fetched_again(
    maven: Callable[[Fetch], None], tmp_path: Path
) -> None:
    path = JAR.path_in(tmp_path / "maven")
    path.parent.mkdir(parents=True)
    path.write_bytes(GOOD[:3])
    maven(writes(GOOD))

    fetch_jars((JAR,), tmp_path)

    assert path.read_bytes() == GOOD


def test_other_bytes_than_the_locked_ones_are_removed(
    maven: Callable[[Fetch], None], tmp_path: Path
) -> None:
    maven(writes(b"something else"))

    with pytest.raises(KafkaJarAlteredError) as refused:
        fetch_jars((JAR,), tmp_path)

    assert refused.value.coordinate == "org.example:thing:1.0"
    assert refused.value.expected == JAR.sha256
    assert refused.value.actual == hashlib.sha256(b"something else").hexdigest()
    assert not JAR.path_in(tmp_path / "maven").exists()


@pytest.mark.parametrize("error", [ConnectionError("no route"), RuntimeError("not found")])
def test_a_jar_that_cannot_be_fetched_is_named(
    maven: Callable[[Fetch], None], tmp_path: Path, error: Exception
) -> None:
    maven(raises(error))

    with pytest.raises(KafkaJarUnavailableError, match=type(error).__name__) as failed:
        fetch_jars((JAR,), tmp_path)

    assert failed.value.coordinate == "org.example:thing:1.0"


def test_without_the_extra_its_name_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "jgo.maven", None)

    with pytest.raises(BrokerExtraMissingError, match=r"pip install 'joblog\[broker\]'") as refused:
        fetch_jars((JAR,), tmp_path)

    assert refused.value.package == "jgo"
