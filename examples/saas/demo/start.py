"""Starts joblog: a Kafka, a scheduler, a delay service and workers, each a process of its own."""

import asyncio
from pathlib import Path
from typing import Final

from examples.saas.demo.services import Services

HANDLERS: Final = "examples.saas.handlers"
WORKERS: Final = 2
PAUSE: Final = 0.2
_LISTENS: Final = "Kafka listens at "


async def start_kafka(services: Services, data_dir: Path) -> str:
    """Start a Kafka on a free port, and return where it listens."""
    await services.start("broker", "broker", "--data-dir", str(data_dir), "--port", "0")
    line = await services.line("broker", _LISTENS)
    return line.removeprefix(_LISTENS).partition(";")[0]


async def start_joblog(services: Services) -> frozenset[str]:
    """Start all that works on jobs; return the URLs of the schedulers once all partitions have one."""
    await services.succeed("topics", "topics", "create")
    await services.start("scheduler", "scheduler")
    await services.start("delays", "delays")
    for number in range(1, WORKERS + 1):
        await services.start(f"worker-{number}", "worker", HANDLERS)
    while not (schedulers := await _schedulers(services)):
        services.check()
        await asyncio.sleep(PAUSE)
    return schedulers


async def _schedulers(services: Services) -> frozenset[str]:
    """Return who schedules; nobody while a partition has no scheduler that answers."""
    (status,) = (await services.succeed("status", "status", "--json")).documents
    partitions = status["partitions"]
    if not all(partition["depth"] for partition in partitions):
        return frozenset()
    return frozenset(partition["owner"] for partition in partitions)
