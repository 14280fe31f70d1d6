"""Runs scheduler processes, follows what they report, and looks at the log from outside."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

ROOT = Path(__file__).parents[3]
TIMEOUT = 30.0

Report = dict[str, Any]


class SchedulerProcess:
    """One scheduler process and all that it has reported."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.reports: list[Report] = []
        self.errors = ""
        self._news = asyncio.Condition()
        self._readers = asyncio.gather(self._read_reports(), self._read_errors())

    @classmethod
    async def start(cls, environment: dict[str, str]) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.kafka.faust_app.scheduler",
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=64 * 1024 * 1024,
        )
        return cls(process)

    async def _read_reports(self) -> None:
        assert self.process.stdout
        while line := await self.process.stdout.readline():
            async with self._news:
                self.reports.append(json.loads(line))
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def _read_errors(self) -> None:
        assert self.process.stderr
        while line := await self.process.stderr.readline():
            self.errors += line.decode()

    async def until(self, reached: Callable[[], Any]) -> None:
        """Wait until what was reported fulfils a condition."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT), self._news:
                await self._news.wait_for(lambda: reached() or self._ended())
        assert reached(), self._story()

    async def never(self, reached: Callable[[], Any], within: float) -> None:
        """Make sure that a condition is not fulfilled for some seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(reached)
        assert not reached(), self._story()

    async def sees(self, **wanted: object) -> Report:
        """Wait for a report and return the first such."""
        await self.until(lambda: self.seen(**wanted))
        return self.seen(**wanted)[0]

    def seen(self, **wanted: object) -> list[Report]:
        """All reports with these details."""
        return [report for report in self.reports if wanted.items() <= report.items()]

    def records(self, partition: int, **wanted: object) -> list[list[Any]]:
        """All records of a partition that the owner was given."""
        return [
            record
            for report in self.seen(kind="process", partition=partition, **wanted)
            for record in report["records"]
        ]

    def offsets(self, partition: int, **wanted: object) -> list[int]:
        """Their offsets."""
        return [record[0] for record in self.records(partition, **wanted)]

    async def reads(self, partition: int, last: int) -> None:
        """Wait until the owner was given a record."""
        await self.until(lambda: last in self.offsets(partition))

    @property
    def owned(self) -> set[int]:
        """The partitions that were opened last."""
        opened = self.seen(kind="open")
        newest = max((report["generation"] for report in opened), default=0)
        return {report["partition"] for report in opened if report["generation"] == newest}

    async def owns(self, partitions: Iterable[int]) -> None:
        """Wait until it has opened exactly these partitions."""
        await self.until(lambda: self.owned == set(partitions))

    async def tell(self, **orders: object) -> None:
        """Give an order and wait until it is obeyed."""
        assert self.process.stdin
        line = json.dumps(orders) + "\n"
        self.process.stdin.write(line.encode())
        await self.sees(kind="obeyed", order=line)

    async def ends(self) -> int:
        """Wait until it has ended by itself and return its exit code."""
        async with asyncio.timeout(TIMEOUT):
            await self._readers
            return await self.process.wait()

    async def stop(self) -> int:
        """End it in good order and return its exit code."""
        self.process.terminate()
        return await self.ends()

    async def kill(self) -> None:
        """End it by SIGKILL."""
        if self.process.returncode is None:
            self.process.kill()
        await self.ends()

    def _story(self) -> str:
        reports = "\n".join(json.dumps(report)[:200] for report in self.reports)
        return f"not reached; reported:\n{reports}\nlogged:\n{self.errors}"

    def _ended(self) -> bool:
        return self._readers.done() or bool(self.process.stdout and self.process.stdout.at_eof())


class Log:
    """The events topic of one test."""

    def __init__(self, bootstrap_servers: str, namespace: str, partitions: int) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.namespace = namespace
        self.partitions = partitions
        self.topic = f"{namespace}.events"

    async def create(self) -> None:
        async with self._admin() as admin:
            await admin.create_topics(
                [
                    NewTopic(
                        self.topic,
                        self.partitions,
                        1,
                        topic_configs={"message.timestamp.type": "LogAppendTime"},
                    )
                ]
            )

    async def delete(self) -> None:
        async with self._admin() as admin:
            await admin.delete_topics([self.topic])

    async def purge(self, partition: int, below: int) -> None:
        """Delete the records of a partition below an offset."""
        async with self._admin() as admin:
            await admin.delete_records(
                {TopicPartition(self.topic, partition): RecordsToDelete(below)}
            )

    async def append(self, partition: int, *values: bytes, **options: Any) -> int:  # noqa: ANN401
        """Append records and return the offset of the last."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap_servers, **options)
        await producer.start()
        try:
            sent = [await producer.send(self.topic, value, partition=partition) for value in values]
            return int([await each for each in sent][-1].offset)
        finally:
            await producer.stop()

    async def committed(self) -> dict[int, int]:
        """The offsets that the group holds, by partition."""
        async with self._admin() as admin:
            offsets = await admin.list_consumer_group_offsets(f"{self.namespace}.scheduler")
            return {partition.partition: found.offset for partition, found in offsets.items()}

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()
