"""A scheduler process whose owner does as it is told.

Settings come from the environment, orders as lines of JSON on stdin, reports go out as lines of JSON on
stdout. The state of a partition is one number in a file: the offset to fold next.

Orders:
    ``{"hold": what}``, ``{"release": what}``: hold up ``acknowledge``, ``open N``, ``process N`` or
        ``close N`` of partition N, or go on. What HOLD in the environment lists is held from the start.
    ``{"raise": what}``: raise in it instead, as what RAISE lists does from the start.
    What BLOCK lists stops the whole event loop.
    ``{"acknowledge": [generation, partition, offset]}``: as the owner of that generation, 0 being the first.
"""

import asyncio
import json
import logging
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from joblog.streams.faust_app import Acknowledge, build_app, run
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings

SETTINGS = Settings()
owners: list["ObedientOwner"] = []
gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
held = set(os.environ.get("HOLD", "").split(","))
failing = set(os.environ.get("RAISE", "").split(","))
blocking = set(os.environ.get("BLOCK", "").split(","))


def report(kind: str, **details: Any) -> None:  # noqa: ANN401 - whatever JSON takes
    print(json.dumps({"kind": kind, "at": time.time(), **details}), flush=True)  # noqa: T201


async def reach(what: str) -> None:
    if what in failing:
        raise RuntimeError(f"told to raise in {what}")
    if what in blocking:
        threading.Event().wait()
    if what in held:
        report("held", what=what)
        await gates[what].wait()


def state_of(partition: int) -> Path:
    return SETTINGS.data_dir / str(partition)


def keep(partition: int, position: int) -> None:
    new = state_of(partition).with_suffix(".new")
    new.write_text(str(position))
    new.replace(state_of(partition))  # whole, whenever a SIGKILL comes


class ObedientOwner:
    def __init__(self, acknowledge: Acknowledge) -> None:
        self.acknowledge = acknowledge
        self.generation = len(owners)
        owners.append(self)

    async def open(self, partition: int) -> int:
        report("open", partition=partition, generation=self.generation)
        await reach(f"open {partition}")
        state = state_of(partition)
        return int(state.read_text()) if state.exists() else 0

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        report(
            "process",
            partition=partition,
            generation=self.generation,
            records=[as_json(record) for record in records],
        )
        await reach(f"process {partition}")
        if "acknowledge" not in held:
            keep(partition, records[-1].offset + 1)
            self.acknowledge(partition, records[-1].offset)

    async def close(self, partition: int) -> None:
        await reach(f"close {partition}")
        report("close", partition=partition, generation=self.generation)


def as_json(record: Inbound) -> list[Any]:
    if os.environ.get("REPORT") == "offsets":
        return [record.offset]
    return [
        record.offset,
        record.timestamp,
        as_text(record.key),
        as_text(record.value),
        [[name, as_text(value)] for name, value in record.headers],
    ]


def as_text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin1")


@asynccontextmanager
async def obeying() -> AsyncIterator[None]:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    task = asyncio.create_task(obey(reader))
    yield
    task.cancel()


async def obey(reader: asyncio.StreamReader) -> None:
    while line := await reader.readline():
        for order, what in json.loads(line).items():
            if order == "acknowledge":
                generation, partition, offset = what
                owners[generation].acknowledge(partition, offset)
            elif order == "hold":
                held.add(what)
            elif order == "raise":
                failing.add(what)
            else:
                held.discard(what)
                gates[what].set()
        report("obeyed", order=line.decode())


app = build_app(SETTINGS, ObedientOwner)

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run(app, obeying())
    report("ended")
