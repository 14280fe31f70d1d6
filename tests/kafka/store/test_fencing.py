"""One writer for each partition: a former owner can neither finish nor add anything."""

import asyncio
import os
import signal

import pytest

from joblog.streams.store import CommitStep, FencedError, KafkaStore, StoreFailedError
from tests.kafka.store.model import (
    all_entries,
    commit_up_to,
    nth_commit,
    position,
    state_after,
)
from tests.kafka.store.owner import Orders
from tests.kafka.store.owner_process import owner_process
from tests.kafka.store.place import Place, until

DURABLE_AFTER = {CommitStep.TRANSACTION_COMMITTED, CommitStep.LOCAL_WRITTEN}


async def test_a_former_owner_is_refused_at_its_next_commit_and_then_refuses_everything(
    place: Place,
) -> None:
    former, owner = place.store(disk="former"), place.store(disk="owner")
    await former.open()
    await commit_up_to(former, 3)
    await owner.open()
    await commit_up_to(owner, 5)
    with pytest.raises(FencedError) as fenced:
        await former.commit(nth_commit(former, 4))
    assert (fenced.value.partition, fenced.value.writer) == (0, f"{place.namespace}-state-0")
    with pytest.raises(FencedError):
        former.get(b"lposition")
    with pytest.raises(FencedError):
        former.scan(b"", b"\xff", 1)
    with pytest.raises(FencedError):
        await former.commit([])
    with pytest.raises(FencedError):
        await former.open()
    await former.close()
    with pytest.raises(FencedError):
        former.get(b"lposition")
    await commit_up_to(owner, 6)
    assert all_entries(owner) == all_entries(state_after(6))
    await owner.close()
    await expect_state(place, 6)


async def test_a_former_owner_is_refused_in_a_commit_of_many_batches(place: Place) -> None:
    former, owner = place.store(disk="former"), place.store(disk="owner")
    await former.open()
    await owner.open()
    with pytest.raises(FencedError):
        await former.commit([(b"jmany-%d" % number, bytes(3_000)) for number in range(1_000)])
    await former.close()
    await owner.close()
    await expect_state(place, 0)


async def test_a_new_owner_finds_all_that_the_former_could_commit(place: Place) -> None:
    """It is fenced first and read then, however busy it is meanwhile."""
    former, owner = place.store(disk="former"), place.store(disk="owner")
    await former.open()
    committing = asyncio.create_task(commit_until_fenced(former))
    await until(lambda: is_at_least(former, 5))
    await owner.open()
    acknowledged = await committing
    assert position(owner) - acknowledged in {0, 1}
    assert all_entries(owner) == all_entries(state_after(position(owner)))


async def commit_until_fenced(store: KafkaStore) -> int:
    """Return the number of the last commit that was acknowledged."""
    acknowledged = 0
    try:
        while True:
            await commit_up_to(store, acknowledged + 1)
            acknowledged += 1
    except (FencedError, StoreFailedError):  # Kafka may say that it does not know what went wrong
        return acknowledged


async def is_at_least(store: KafkaStore, number: int) -> bool:
    return position(store) >= number


async def test_an_open_transaction_of_a_former_owner_is_never_seen(place: Place) -> None:
    def stop_before_the_end(step: CommitStep) -> None:
        if step is CommitStep.RECORDS_SENT and position(former) == 2:
            raise InterruptedError

    former = place.store(disk="former", reached=stop_before_the_end)
    await former.open()
    await commit_up_to(former, 2)
    with pytest.raises(StoreFailedError, match="InterruptedError"):
        await former.commit([(b"lposition", b"abandoned")])
    written = [record.value for record in await place.records(place.topics.table_log)]
    assert written == [b"1", b"2", b"abandoned"]
    await expect_state(place, 2)
    await former.close()


@pytest.mark.parametrize("step", CommitStep, ids=lambda step: step.replace(" ", "_"))
async def test_a_process_that_was_stopped_wakes_up_as_a_former_owner(
    place: Place, step: CommitStep
) -> None:
    orders = Orders(
        bootstrap_servers=place.bootstrap_servers,
        namespace=place.namespace,
        disks=str(place.disks),
        fresh_disk="fresh",
        partition=1,
        step=step,
        commits=4,
        signal=signal.SIGSTOP,
    )
    async with owner_process(orders, place.disks / "stderr") as zombie:
        await zombie.until("breaking off")
        await zombie.until_stopped()
        owner = place.store(1, "owner")
        await owner.open()
        found = position(owner)
        assert found == 3 + (step in DURABLE_AFTER)
        await commit_up_to(owner, found + 3)
        os.kill(zombie.pid, signal.SIGCONT)
        assert (await zombie.until("failed"))[-1]["errors"] == ["FencedError"]
        await commit_up_to(owner, found + 4)
        await owner.close()
    await expect_state(place, found + 4, partition=1)


async def test_a_cancelled_commit_ends_the_owner(place: Place) -> None:
    """Nobody knows whether it was made, so nothing may follow it."""
    store = place.store()
    await store.open()
    await commit_up_to(store, 1)
    commit = asyncio.create_task(store.commit(nth_commit(store, 2)))
    await asyncio.sleep(0)
    commit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await commit
    with pytest.raises(StoreFailedError, match="CancelledError"):
        await store.commit(nth_commit(state_after(1), 2))
    await store.close()
    await expect_state(place, 1)


async def expect_state(place: Place, number: int, partition: int = 0) -> None:
    """Recover on an empty disk and compare."""
    store = place.store(partition, "expected")
    await store.open()
    assert all_entries(store) == all_entries(state_after(number))
    await store.close()
