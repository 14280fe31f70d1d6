"""An engine for the tests that run containers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.docker.kafka_container import KafkaContainer

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 300.0
NEEDED: Final = (["docker", "info"], ["docker", "compose", "version"])


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """A Docker engine with the compose plugin; CI brings its own where a machine has none."""
    with _stand_ins() if os.environ.get("CI") else _what_is_here():
        yield


@pytest.fixture
def kafka(engine: None) -> "Iterator[KafkaContainer]":
    """A Kafka in a container."""
    from tests.docker.kafka_container import KafkaContainer  # noqa: PLC0415 - it reads the engine's variables

    del engine
    with KafkaContainer() as kafka:
        yield kafka


@contextmanager
def _what_is_here() -> Iterator[None]:
    for command in NEEDED:
        if not _succeeds(command):
            pytest.skip(f"{' '.join(command)} fails; .ci/docker-stand-ins holds an engine, as root")
    yield


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Hold what `.ci/docker-stand-ins` prepares."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHON", sys.executable)
        holder = subprocess.Popen(
            [ROOT / ".ci/docker-stand-ins"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert holder.stdout
        word, *variables = holder.stdout.readline().split() or [""]
        if word != "ready":
            raise NoEngineError(holder.wait(SECONDS))
        for variable in variables:
            environment.setenv(*variable.split("=", 1))
        yield
        holder.communicate(timeout=SECONDS)


class NoEngineError(Exception):
    """There is no engine, and none could be set up."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f".ci/docker-stand-ins ended with {exit_code}: see what it has printed")
