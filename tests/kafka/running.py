"""What the tests of services have in common: a process of joblog's, a topic that is followed."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from joblog.schemas.codec import Codec
from joblog.schemas.models import Event
from joblog.streams.kafka import client_options
from joblog.streams.kafka.inbound import inbound
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings

ROOT: Final = Path(__file__).parents[2]
TIMEOUT: Final = 30.0
POLL_SECONDS: Final = 0.02
CODEC: Final = Codec()


async def eventually(reached: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until something is so."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            if await reached():
                return
            await asyncio.sleep(POLL_SECONDS)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings that all services of a test share, as variables of the environment."""
    return {
        "JOBLOG_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "JOBLOG_NAMESPACE": settings.namespace,
        "JOBLOG_PARTITIONS": str(settings.partitions),
        "JOBLOG_SESSION_TIMEOUT_MS": str(settings.session_timeout_ms),
        "JOBLOG_HEARTBEAT_INTERVAL_MS": str(settings.heartbeat_interval_ms),
    }


class Process:
    """A service in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, module: str, environment: Mapping[str, str]) -> Self:
        """Run a module; the environment comes on top of this process's."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, cwd=ROOT, env={**os.environ, **environment}
        )
        return cls(process)

    async def ends(self) -> int:
        async with asyncio.timeout(TIMEOUT):
            return await self.process.wait()

    async def stop(self) -> int:
        self.process.terminate()
        return await self.ends()

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.ends()


@asynccontextmanager
async def processes(
    module: str,
) -> AsyncIterator[Callable[[Mapping[str, str]], Awaitable[Process]]]:
    """Give what runs a module in a process, by further environment variables; all are killed in the end."""
    started: list[Process] = []

    async def start(environment: Mapping[str, str]) -> Process:
        process = await Process.start(module, environment)
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            await process.kill()


class TopicFollower:
    """Reads a topic from its beginning on, as records come."""

    def __init__(self, settings: Settings, topic: str, partitions: int) -> None:
        self.records: list[Inbound] = []
        self._partitions = [TopicPartition(topic, n) for n in range(partitions)]
        self._consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def until(self, reached: Callable[[], object], seconds: float = TIMEOUT) -> None:
        """Read on until a condition is met."""
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, f"{len(self.records)} records, last: {self._last()}"
            for records in (await self._consumer.getmany(timeout_ms=100)).values():
                self.records += map(inbound, records)

    async def until_caught_up(self) -> None:
        """Read on to the present end."""
        end = sum((await self._consumer.end_offsets(self._partitions)).values())
        await self.until(lambda: len(self.records) >= end)

    @property
    def events(self) -> list[Event]:
        return [CODEC.decode(record.value or b"") for record in self.records]

    def _last(self) -> list[str]:
        return [(record.key or b"").decode(errors="replace") for record in self.records[-20:]]
