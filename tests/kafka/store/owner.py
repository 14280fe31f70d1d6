"""A process that owns partitions and commits until a signal that it sends itself.

It is run as a module, with an `Orders` in JSON as its argument, and prints a JSON object a line.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from joblog.streams.store import CommitStep, KafkaStore, StoreError, state_digest
from tests.kafka.store.model import nth_commit, position, state_after
from tests.kafka.store.place import PARTITIONS, Place


class Orders(NamedTuple):
    """What the process has to do.

    Attributes:
        bootstrap_servers: the broker.
        namespace: of the changelogs.
        disks: directory of all disks.
        fresh_disk: an empty disk to recover on first.
        partition: whose commit is broken off.
        step: after which step.
        commits: in which commit since the process started.
        signal: what breaks it off.
    """

    bootstrap_servers: str
    namespace: str
    disks: str
    fresh_disk: str
    partition: int
    step: str
    commits: int
    signal: int


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def break_off(orders: Orders, partition: int, number: int) -> None:
    say(event="breaking off", partition=partition, number=number)
    os.kill(os.getpid(), orders.signal)


def make_store(orders: Orders, place: Place, partition: int, disk: str) -> KafkaStore:
    seen = 0

    def reached(step: CommitStep) -> None:
        nonlocal seen
        if partition == orders.partition and step == orders.step:
            seen += 1
            if seen == orders.commits:
                break_off(orders, partition, seen)

    return place.store(partition, disk, reached=reached)


async def open_and_check(store: KafkaStore, partition: int, disk: str) -> None:
    await store.open()
    reached = position(store)
    is_right = state_digest(store) == state_digest(state_after(reached))
    say(
        event="opened",
        partition=partition,
        disk=disk,
        position=reached,
        is_right=is_right,
        rebuilt=store.rebuilt,
    )


async def own(orders: Orders, place: Place, partition: int, all_are_open: asyncio.Barrier) -> None:
    fresh = make_store(orders, place, partition, orders.fresh_disk)
    await open_and_check(fresh, partition, "fresh")
    await fresh.close()
    store = make_store(orders, place, partition, "kept")
    await open_and_check(store, partition, "kept")
    await all_are_open.wait()
    number = position(store)
    while True:
        number += 1
        await store.commit(nth_commit(store, number))
        say(event="committed", partition=partition, position=number)


async def main(orders: Orders) -> None:
    place = Place(orders.bootstrap_servers, orders.namespace, Path(orders.disks))
    all_are_open = asyncio.Barrier(PARTITIONS)
    try:
        async with asyncio.TaskGroup() as owners:
            for partition in range(PARTITIONS):
                owners.create_task(own(orders, place, partition, all_are_open))
    except* StoreError as failures:
        say(event="failed", errors=[type(error).__name__ for error in failures.exceptions])


if __name__ == "__main__":
    asyncio.run(main(Orders(**json.loads(sys.argv[1]))))
