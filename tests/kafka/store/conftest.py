"""Changelogs for the tests of the store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from joblog.streams.broker import EmbeddedBroker
from tests.kafka.store.place import Place


@pytest.fixture
async def unmade_place(
    broker: EmbeddedBroker, namespace: str, tmp_path: Path
) -> AsyncIterator[Place]:
    """A place whose topics do not exist yet."""
    place = Place(broker.bootstrap_servers, namespace, tmp_path)
    yield place
    await place.close()


@pytest.fixture
async def place(unmade_place: Place) -> Place:
    """A place with empty changelogs."""
    await unmade_place.create()
    return unmade_place
