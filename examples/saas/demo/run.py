"""The demo from its start to its end."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from examples.saas.airports import AirportTable
from examples.saas.demo.evidence import Evidence, ask_commands
from examples.saas.demo.expectations import differences
from examples.saas.demo.garbage import publish_garbage
from examples.saas.demo.jobs import ask_for_outcomes, cancel_withdrawn, submit_all, watch
from examples.saas.demo.outcome import Outcome
from examples.saas.demo.receiver import Receiver
from examples.saas.demo.report import show
from examples.saas.demo.services import Services
from examples.saas.demo.start import start_joblog, start_kafka
from examples.saas.demo.workload import BEHAVIOURS, Scale, plan
from examples.saas.storage import Storage
from joblog import Client, Settings, Status

NAMESPACE: Final = "saas"
LONGEST: Final = 300.0
"""Seconds until the demo gives up, whatever it waits for."""


class Demo:
    """One run.

    Args:
        scale: how large it is.
        directory: an existing empty directory.
        console: where it shows what it does.
    """

    def __init__(self, scale: Scale, directory: Path, console: Console) -> None:
        self._scale = scale
        self._directory = directory
        self._console = console
        self._storage = Storage(directory / "saas")
        self._began = time.monotonic()

    async def run(self) -> list[str]:
        """Run the jobs, show what came of them, and return what is not as it has to be."""
        logs = self._directory / "logs"
        logs.mkdir()
        scripts = {name: behaviour.script for name, behaviour in BEHAVIOURS.items()}
        with Receiver(scripts) as receiver:
            async with Services(logs) as services, asyncio.timeout(LONGEST):
                evidence = await self._run(services, receiver)
        show(evidence, self._console)
        return list(differences(evidence))

    async def _run(self, services: Services, receiver: Receiver) -> Evidence:
        self._tell("a real Kafka starts; the first time it is downloaded")
        kafka = await start_kafka(services, self._directory / "kafka")
        self._tell(f"it listens at {kafka}; scheduler, delay service and workers start")
        settings = Settings(
            bootstrap_servers=kafka, namespace=NAMESPACE, data_dir=self._directory / "joblog"
        )
        services.environment |= {
            "JOBLOG_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "JOBLOG_NAMESPACE": settings.namespace,
            "JOBLOG_DATA_DIR": str(settings.data_dir),
            "SAAS_DATA": str(self._storage.directory),
        }
        schedulers = await start_joblog(services)
        self._tell("each partition has its scheduler; jobs are submitted")
        planned = plan(self._scale, receiver.url, datetime.now(UTC))
        async with Client(settings, name="demo") as client:
            submitted = await submit_all(client, planned)
            self._tell(f"{sum(map(len, submitted)):,} submissions are acknowledged")
            await cancel_withdrawn(client, planned, submitted)
            garbage = await publish_garbage(kafka, f"{NAMESPACE}.events")
            await watch(services, schedulers, planned, self._console)
            outcomes = await ask_for_outcomes(client, planned, submitted)
        self._tell("the jobs have ended; other processes rebuild the tables from the log")
        answers = await ask_commands(services, example_of(outcomes))
        with closing(AirportTable(self._storage.database)) as table:
            loaded = table.all()
        thumbnails = self._storage.thumbnails
        return Evidence(outcomes, garbage, receiver.answered, loaded, thumbnails, answers)

    def _tell(self, text: str) -> None:
        self._console.print(f"{time.monotonic() - self._began:5.1f} s  {text}")


def example_of(outcomes: Sequence[Outcome]) -> str:
    """Return the id of the job that is planned to succeed after most failures."""
    good = [outcome for outcome in outcomes if outcome.planned.end.status is Status.SUCCEEDED]
    return max(good, key=lambda outcome: outcome.planned.end.failures).job.job_id
