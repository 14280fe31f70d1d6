"""joblog with its shipped defaults: the product's own commands, fencing, headers, validation and claims on."""

import asyncio
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Final

from aiokafka import TopicPartition

from benchmarks.noop import Nothing
from benchmarks.processes import Processes, free_port, joblog, spent
from benchmarks.result import WARM_UP, Run, WrongJobsError, p50_p99
from joblog import Client, Submission
from joblog.schemas.state import JobRow
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

CHUNK: Final = 1_000
SHOWN: Final = "joblog"


def run(jobs: int, directory: Path) -> Run:
    """Run no-op jobs, submitted while they run."""
    port = free_port()
    with EmbeddedBroker(directory / "kafka") as broker:
        environment = {
            "JOBLOG_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "JOBLOG_DATA_DIR": str(directory / "data"),
            "JOBLOG_SIGNALS__SCHEDULER_PORT": str(port),
        }
        with Processes(directory, environment) as processes:
            processes.run(*joblog("topics", "create"))
            processes.start("scheduler", *joblog("scheduler"))
            processes.start("delays", *joblog("delays"))
            processes.start("worker", *joblog("worker", "benchmarks.noop"))
            settings = Settings(
                bootstrap_servers=broker.bootstrap_servers, data_dir=directory / "data"
            )
            asyncio.run(_submit(settings, WARM_UP))
            processes.until(lambda: _finished(port) >= WARM_UP, "the warm-up")
            busy, begun = processes.cpu_seconds(broker=broker.pid), time.monotonic()
            own = time.process_time()
            asyncio.run(_submit(settings, jobs))
            processes.until(lambda: _finished(port) >= jobs + WARM_UP, "the last outcome", 300)
            seconds = time.monotonic() - begun
            cpu = spent(busy, processes.cpu_seconds(broker=broker.pid))
            cpu["submitter"] = time.process_time() - own
            rows = asyncio.run(_rows(settings, jobs + WARM_UP))
    return Run(SHOWN, version("joblog"), jobs, seconds, cpu, _stages(rows))


async def _submit(settings: Settings, jobs: int) -> None:
    async with Client(settings) as client:
        for start in range(0, jobs, CHUNK):
            payloads = [Nothing(number=number) for number in range(start, min(start + CHUNK, jobs))]
            await client.submit_many(Submission("noop", payload) for payload in payloads)


def _finished(port: int) -> int:
    url = f"http://127.0.0.1:{port}/metrics"
    try:
        with urllib.request.urlopen(url) as answer:  # our own process
            lines = answer.read().decode().splitlines()
    except OSError:
        return 0
    return int(
        sum(
            float(line.split()[-1])
            for line in lines
            if line.startswith("joblog_jobs_finished_total{")
        )
    )


async def _rows(settings: Settings, expected: int) -> list[JobRow]:
    table = TopicMap.of(settings).table_jobs
    starts = {TopicPartition(table.name, number): 0 for number in range(table.partitions)}
    found: dict[bytes, JobRow] = {}
    deadline = time.monotonic() + 30
    async with LogReader(settings) as reader:
        while (
            sum(row.status == "succeeded" for row in found.values()) < expected
            and time.monotonic() < deadline
        ):
            async for records in reader.read(starts):
                for record in records:
                    if record.key is not None and record.value is not None:
                        found[record.key] = JobRow.decode(record.value)
                    starts[TopicPartition(record.topic, record.partition)] = record.offset + 1
    done = [row for row in found.values() if row.status == "succeeded"]
    if len(done) != expected or len(found) != expected:
        raise WrongJobsError(SHOWN, expected, len(done))
    return done


def _stages(rows: list[JobRow]) -> dict[str, tuple[float, float]]:
    return {
        "submitted to dispatched": p50_p99(
            [(r.dispatched_at or 0) - r.opening.submitted_at for r in rows]
        ),
        "dispatched to outcome": p50_p99(
            [(r.finished_at or 0) - (r.dispatched_at or 0) for r in rows]
        ),
        "submitted to outcome": p50_p99(
            [(r.finished_at or 0) - r.opening.submitted_at for r in rows]
        ),
    }
