"""A SIGKILL at each step of a commit, in a real process with several partitions."""

import signal
from typing import Any

import pytest

from joblog.streams.store import CommitStep, state_digest
from tests.kafka.store.model import all_entries, position, state_after
from tests.kafka.store.owner import Orders
from tests.kafka.store.owner_process import owner_process
from tests.kafka.store.place import PARTITIONS, Place

ROUNDS = 6
DURABLE_AFTER = {CommitStep.TRANSACTION_COMMITTED, CommitStep.LOCAL_WRITTEN}


async def run_until_killed(place: Place, step: CommitStep, number: int) -> list[dict[str, Any]]:
    """Let an owner recover, check what it finds, commit, and die; return what it said."""
    orders = Orders(
        bootstrap_servers=place.bootstrap_servers,
        namespace=place.namespace,
        disks=str(place.disks),
        fresh_disk=f"fresh-{number}",
        partition=number % PARTITIONS,
        step=step,
        commits=1 + number,
        signal=signal.SIGKILL,
    )
    errors = place.disks / "stderr"
    async with owner_process(orders, errors) as owner:
        said = await owner.until("end")
        assert await owner.exit_code() == -signal.SIGKILL, errors.read_text()
    return said


def check_what_was_found(
    said: list[dict[str, Any]], acknowledged: dict[int, int], number: int
) -> None:
    opened = [event for event in said if event["event"] == "opened"]
    assert len(opened) == 2 * PARTITIONS
    for event in opened:
        assert event["is_right"], event
        # A commit that was not acknowledged may have been made all the same, but only one.
        assert event["position"] - acknowledged[event["partition"]] in {0, 1}, event
        assert event["rebuilt"] is (event["disk"] == "fresh" or number == 0), event


def last_positions(said: list[dict[str, Any]]) -> dict[int, int]:
    return {event["partition"]: event["position"] for event in said if "position" in event}


@pytest.mark.parametrize("step", CommitStep, ids=lambda step: step.replace(" ", "_"))
async def test_a_commit_broken_off_is_made_as_a_whole_or_not_at_all(
    place: Place, step: CommitStep
) -> None:
    acknowledged = dict.fromkeys(range(PARTITIONS), 0)
    for number in range(ROUNDS):
        said = await run_until_killed(place, step, number)
        check_what_was_found(said, acknowledged, number)
        acknowledged = last_positions(said)
        killed = number % PARTITIONS
        store = place.store(killed, f"checked-{number}")
        await store.open()
        assert position(store) == acknowledged[killed] + (step in DURABLE_AFTER)
        assert state_digest(store) == state_digest(state_after(position(store)))
        assert all_entries(store) == all_entries(state_after(position(store)))
        acknowledged[killed] = position(store)
        await store.close()
