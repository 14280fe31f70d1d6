"""All that faults act on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from joblog.client import Client
from joblog.streams.kafka import ensure_topics
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from tests.chaos.ground.clocks import Clock, made_library
from tests.chaos.ground.cluster import ChaosCluster
from tests.chaos.ground.disk import Disk
from tests.chaos.ground.proxies import Proxies
from tests.chaos.ground.services import Services
from tests.chaos.load import Load
from tests.chaos.plan import Plan
from tests.chaos.true_time import OFFSET, offset
from tests.history.records import KafkaRecord

NAMESPACE: Final = "chaos"
COMMON: Final = {
    "JOBLOG_NAMESPACE": NAMESPACE,
    "JOBLOG_PURGE_INTERVAL_MS": "86400000",
    "JOBLOG_LIMITS__UNKNOWN_SCHEMA_GRACE_MS": "1000",
    "JOBLOG_LIMITS__LOSS_LIMIT": "20",
}
"""All records stay until they are judged; jobs outlive many deaths of their workers."""

SHORT: Final = {
    "JOBLOG_SESSION_TIMEOUT_MS": "6000",
    "JOBLOG_HEARTBEAT_INTERVAL_MS": "1500",
    "JOBLOG_WORKER__LEASE_MS": "3000",
    "JOBLOG_WORKER__HEARTBEAT_MS": "900",
    "JOBLOG_WORKER__STARTED_AFTER_MS": "500",
}


@dataclass(frozen=True)
class Field:
    """What a run has.

    Attributes:
        cluster: the brokers.
        proxies: between all roles and the brokers.
        services: joblog's processes.
        disk: the scheduler's data.
        clocks: what the processes of each role take for the time.
        load: the jobs.
        client: submits them.
        settings: those of the log, without a proxy.
        deleted: what stood on topics before they were deleted.
    """

    cluster: ChaosCluster
    proxies: Proxies
    services: Services
    disk: Disk
    clocks: Mapping[str, Clock]
    load: Load
    client: Client
    settings: Settings
    deleted: list[KafkaRecord] = field(default_factory=list)
    _turns: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)

    def turn(self, what: str, whom: str) -> asyncio.Lock:
        """Return what keeps faults of one kind and target from overlapping."""
        return self._turns.setdefault((what, whom), asyncio.Lock())

    @classmethod
    @asynccontextmanager
    async def of(
        cls, plan: Plan, directory: Path, prepare: Callable[[Settings], None] = lambda _: None
    ) -> AsyncIterator[Self]:
        """Lay it out.

        Args:
            plan: says what there is.
            directory: an empty one.
            prepare: fills the topics before joblog's processes start.
        """
        cluster = ChaosCluster(directory, plan.brokers)
        direct = settings_of(cluster.servers, plan)
        async with AsyncExitStack() as stack:
            stack.enter_context(cluster.running())
            proxies = await stack.enter_async_context(Proxies.running(cluster.links))
            disk = stack.enter_context(Disk.mounted(directory / "scheduler"))
            await ensure_topics(direct, now_ms())
            await asyncio.to_thread(prepare, direct)
            library = made_library(directory)
            clocks = {
                role: Clock(directory / f"{role}.clock", library)
                for role in ("scheduler", "delays", "worker")
            }
            environments = {
                role: _environment(plan, cluster.servers_of(role), disk, clock, directory)
                for role, clock in clocks.items()
            }
            (directory / "logs").mkdir()
            ledger_of(directory).touch()
            services = await stack.enter_async_context(
                Services.running(plan.workers, directory / "logs", environments)
            )
            settings = settings_of(cluster.servers_of("client"), plan)
            client = await stack.enter_async_context(Client(settings))
            load = Load(settings, plan)
            yield cls(cluster, proxies, services, disk, clocks, load, client, direct)


def ledger_of(directory: Path) -> Path:
    """Return where handlers write what they did."""
    return directory / "ledger.jsonl"


def settings_of(servers: str, plan: Plan) -> Settings:
    """Return the settings of a plan's log."""
    return Settings(
        bootstrap_servers=servers,
        namespace=NAMESPACE,
        replication_factor=plan.brokers,
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_500,
        purge_interval_ms=86_400_000,
        limits={"unknown_schema_grace_ms": 1_000, "loss_limit": 20},
    )


def _environment(
    plan: Plan, servers: str, disk: Disk, clock: Clock, directory: Path
) -> dict[str, str]:
    return {
        **COMMON,
        **(SHORT if plan.patience == "short" else {}),
        **clock.environment,
        "JOBLOG_BOOTSTRAP_SERVERS": servers,
        "JOBLOG_REPLICATION_FACTOR": str(plan.brokers),
        "JOBLOG_DATA_DIR": str(disk.path),
        "CHAOS_LEDGER": str(ledger_of(directory)),
        OFFSET: str(offset()),
        "PYTHONUNBUFFERED": "1",
    }
