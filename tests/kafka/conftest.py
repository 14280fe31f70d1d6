"""A real Kafka for the tests: one for the session, and private ones for tests that break it."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.broker import EmbeddedBroker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """The session's broker. A test neither stops it nor relies on a topic it did not make."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="session")
def bootstrap_servers(broker: EmbeddedBroker) -> str:
    """Where clients reach the session's broker."""
    return broker.bootstrap_servers


@pytest.fixture
def namespace() -> str:
    """A prefix for the topics, groups and transactional ids of one test."""
    return f"t{secrets.token_hex(4)}"


@pytest.fixture
def make_broker(tmp_path: Path) -> Iterator[Callable[..., EmbeddedBroker]]:
    """Makes brokers that only this test uses, not yet started, by EmbeddedBroker's parameters.

    The data directory is ``broker`` in the test's ``tmp_path`` unless the test gives another.
    """
    with ExitStack() as stack:

        def make(data_dir: Path = tmp_path / "broker", **settings: Any) -> EmbeddedBroker:  # noqa: ANN401 - EmbeddedBroker checks them
            private = EmbeddedBroker(data_dir, **settings)
            stack.callback(private.stop)
            return private

        yield make
