"""A broker that goes away, and comes back or does not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.store import StoreFailedError, writer
from tests.kafka.store.model import all_entries, commit_up_to, nth_commit, state_after
from tests.kafka.store.place import Place


async def test_a_commit_outlives_a_restart_of_the_broker_but_waits_no_longer_than_kafka(
    make_broker: Callable[..., EmbeddedBroker],
    namespace: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broker = make_broker()
    await asyncio.to_thread(broker.start)
    place = Place(broker.bootstrap_servers, namespace, tmp_path / "disks")
    await place.create()
    store = place.store()
    await store.open()
    await commit_up_to(store, 3)
    broker.kill()
    commit = asyncio.create_task(store.commit(nth_commit(store, 4)))
    await asyncio.to_thread(broker.start)
    await commit
    assert all_entries(store) == all_entries(state_after(4))
    broker.kill()
    monkeypatch.setattr(writer, "TRANSACTION_TIMEOUT_S", 1)
    with pytest.raises(StoreFailedError, match="did not end within 1 s"):
        await store.commit(nth_commit(store, 5))
    with pytest.raises(TimeoutError):
        await store.close()
