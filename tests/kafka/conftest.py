"""Private brokers, for tests that break them, and a publisher. The session's broker is in tests/conftest.py."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.settings import Settings


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


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    """Writes to the log of the test's settings."""
    async with KafkaPublisher(settings) as publisher:
        yield publisher
