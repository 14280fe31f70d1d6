"""Runs `joblog` as a user does, and plays the worker where a test needs one."""

import asyncio
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, TypeVar
from unittest import mock

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from joblog.cli.logs import LIBRARIES
from joblog.cli.main import main
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.models import (
    AttemptFailed,
    AttemptSucceeded,
    Event,
    Failure,
    JobDispatched,
    JobEvent,
    RetryPolicy,
    SchemaAnnounced,
    TypeAnnounced,
)
from joblog.streams.kafka import KafkaPublisher, client_options
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

TIMEOUT: Final = 60.0
WORKER: Final = "by-hand"

T = TypeVar("T")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a process of a log; its sessions are short."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("JOBLOG_")},
        "JOBLOG_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "JOBLOG_NAMESPACE": settings.namespace,
        "JOBLOG_PARTITIONS": str(settings.partitions),
        "JOBLOG_DATA_DIR": str(settings.data_dir),
        "JOBLOG_SESSION_TIMEOUT_MS": "3000",
        "JOBLOG_HEARTBEAT_INTERVAL_MS": "500",
        "COLUMNS": "200",
        **more,
    }


class Result(NamedTuple):
    """What a command said: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The one JSON document that it printed."""
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        """The JSON documents that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


class Command:
    """A `joblog` process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.out = ""
        self.err = ""
        self._news = asyncio.Condition()
        self._reading = asyncio.gather(self._read("out"), self._read("err"))

    @classmethod
    async def start(cls, *arguments: str, env: dict[str, str], cwd: Path | None = None) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "joblog.cli",
            *arguments,
            env=env,
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def says(self, text: str, times: int = 1) -> None:
        """Wait until it has said something so many times."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT), self._news:
                await self._news.wait_for(
                    lambda: self._said(text) >= times or self.process.returncode is not None
                )
        assert self._said(text) >= times, f"{text!r} is missing in:\n{self.out}\n{self.err}"

    async def ends(self) -> Result:
        """Wait until it has ended by itself."""
        async with asyncio.timeout(TIMEOUT):
            code = await self.process.wait()
            await self._reading
        return Result(code, self.out, self.err)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> Result:
        """End it by a signal."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return await self.ends()

    def _said(self, text: str) -> int:
        return self.out.count(text) + self.err.count(text)

    async def _read(self, stream: str) -> None:
        reader = self.process.stdout if stream == "out" else self.process.stderr
        assert reader
        while chunk := await reader.read(64 * 1024):
            async with self._news:
                setattr(self, stream, getattr(self, stream) + chunk.decode())
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()


async def joblog(
    *arguments: str, env: dict[str, str], cwd: Path | None = None, stdin: bytes = b""
) -> Result:
    """Run a command to its end: in a thread of this process, which saves the time for its imports."""
    return await asyncio.to_thread(_run, arguments, env, cwd or Path.cwd(), stdin)


def _run(arguments: Sequence[str], env: dict[str, str], cwd: Path, stdin: bytes) -> Result:
    out, err = io.StringIO(), io.StringIO()
    levels = {name: logging.getLogger(name).level for name in LIBRARIES}
    with (
        mock.patch.dict(os.environ, env, clear=True),
        mock.patch.object(sys, "argv", ["joblog", *arguments]),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        redirect_stdout(out),
        redirect_stderr(err),
        chdir(cwd),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    return Result(int(ended.value.code or 0), out.getvalue(), err.getvalue())


async def process(*arguments: str, env: dict[str, str], cwd: Path | None = None) -> Result:
    """Run a command that handles signals to its end: in a process of its own."""
    return await (await Command.start(*arguments, env=env, cwd=cwd)).ends()


class Bench:
    """Writes to a log and reads from it, without the code that is tested."""

    def __init__(self, settings: Settings, publisher: KafkaPublisher) -> None:
        self.settings = settings
        self.topics = TopicMap.of(settings)
        self.codec = Codec()
        self._publisher = publisher

    async def put(
        self, topic: str, partition: int, event: Event, key: bytes | None
    ) -> tuple[int, int]:
        """Append an event."""
        record = Outbound(topic, partition, key, self.codec.encode(event), [])
        return await self.put_raw(record)

    async def put_raw(self, record: Outbound) -> tuple[int, int]:
        """Append a record."""
        (position,) = await self._publisher.publish([record])
        return position

    async def declare(
        self, type_: str, schema: AvroSchema | None = None, policy: RetryPolicy | None = None
    ) -> None:
        """Declare a job type, as its workers do, with the schema of its payloads."""
        fingerprints: tuple[bytes, ...] = ()
        if schema is not None:
            announced = SchemaAnnounced.of(schema, 0)
            key = schema.fingerprint.hex().encode()
            await self.put(self.topics.schemas.name, 0, announced, key)
            fingerprints = (schema.fingerprint,)
        declared = TypeAnnounced(
            event_id=f"type-{type_}",
            time=0,
            version=1,
            type=type_,
            payload_schemas=fingerprints,
            retry_policy=policy or RetryPolicy(max_attempts=1),
        )
        await self.put(self.topics.config.name, 0, declared, f"type/{type_}".encode())

    async def work(self, report: Callable[[JobDispatched], JobEvent | None]) -> None:
        """Report about each attempt of the default lane, until cancelled."""
        topic = self.topics.work("default")
        consumer = AIOKafkaConsumer(**client_options(self.settings), enable_auto_commit=False)
        await consumer.start()
        try:
            places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            async for record in consumer:
                dispatched = self.codec.decode(record.value or b"")
                assert isinstance(dispatched, JobDispatched)
                outcome = report(dispatched)
                if outcome is not None:
                    await self.put(self.topics.events.name, record.partition, outcome, outcome.key)
        finally:
            await consumer.stop()


def succeeded(dispatched: JobDispatched) -> AttemptSucceeded:
    return AttemptSucceeded(**_about(dispatched), started_at=dispatched.time)


def failed(dispatched: JobDispatched, *, retryable: bool = True) -> AttemptFailed:
    failure = Failure(kind="error", type="ValueError", message="no good", retryable=retryable)
    return AttemptFailed(**_about(dispatched), started_at=dispatched.time, failure=failure)


def _about(dispatched: JobDispatched) -> dict[str, Any]:
    attempt = f"{dispatched.job_id}/{dispatched.generation}/{dispatched.attempt}"
    return {
        "event_id": f"{attempt}/outcome",
        "time": dispatched.time,
        "job_id": dispatched.job_id,
        "generation": dispatched.generation,
        "attempt": dispatched.attempt,
        "worker": WORKER,
    }


async def until(look: Callable[[], Awaitable[T]], holds: Callable[[T], object]) -> T:
    """Look until a condition holds, and return what was seen then."""
    seen = await look()
    async with asyncio.timeout(TIMEOUT):
        while not holds(seen):
            seen = await look()
    return seen


def lines(documents: Iterable[object]) -> bytes:
    """JSON lines."""
    return "".join(json.dumps(document) + "\n" for document in documents).encode()
