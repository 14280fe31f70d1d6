"""joblog's processes as its users run them: by its command, under its supervisor."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Self

from joblog.streams.broker.ports import free_port
from joblog.streams.broker.properties import HOST
from joblog.supervisor import ChildSpec, Supervisor

HANDLERS: Final = "tests.chaos.handlers"
POLL_SECONDS: Final = 0.02
MOST_BYTES: Final = 700 * 1024 * 1024
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
APPEAR_SECONDS: Final = 60.0


class Services:
    """Scheduler, delay service and workers, by name: `scheduler`, `delays`, `worker-0` and so on.

    Args:
        supervisor: keeps them running.
        logs: directory of their logs.
    """

    def __init__(self, supervisor: Supervisor, logs: Path) -> None:
        self._supervisor = supervisor
        self._logs = logs

    @classmethod
    @asynccontextmanager
    async def running(
        cls, workers: int, logs: Path, environments: Mapping[str, Mapping[str, str]]
    ) -> AsyncIterator[Self]:
        """Run them.

        Args:
            workers: how many workers.
            logs: directory where their output goes, each to a file.
            environments: variables of each role.
        """

        def write(name: str, line: str) -> None:
            with (logs / f"{name}.log").open("a") as log:
                log.write(f"{line}\n")

        async with Supervisor(_specs(workers, environments), write) as supervisor:
            services = cls(supervisor, logs)
            limiting = asyncio.create_task(services.limit_memory(), name="limit memory")
            try:
                yield services
            finally:
                limiting.cancel()

    @property
    def restarts(self) -> dict[str, int]:
        """How often each was started again."""
        return dict(self._supervisor.restarts)

    async def limit_memory(self) -> None:
        """End processes that take more memory than they may, as the limit of a container does."""
        while True:
            for pid in list(self._supervisor.pids.values()):
                if _resident(pid) > MOST_BYTES:
                    resend(pid, signal.SIGKILL)
            await asyncio.sleep(POLL_SECONDS)

    async def pid(self, name: str) -> int:
        """Return the id of a process, once it runs."""
        async with asyncio.timeout(APPEAR_SECONDS):
            while name not in self._supervisor.pids:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(POLL_SECONDS)
        return self._supervisor.pids[name]

    async def signal(self, name: str, signum: signal.Signals) -> int:
        """Send a signal to a process and all that it started; return its id."""
        pid = await self.pid(name)
        resend(pid, signum)
        return pid


def resend(pid: int, signum: signal.Signals) -> None:
    """Send a signal to a process that may have ended meanwhile, and to all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signum)


def _resident(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    return 0


def _specs(workers: int, environments: Mapping[str, Mapping[str, str]]) -> list[ChildSpec]:
    names = ["scheduler", "delays", *(f"worker-{number}" for number in range(workers))]
    return [_spec(name, environments[role_of(name)]) for name in names]


def role_of(name: str) -> str:
    """Return the role of a process."""
    return name.partition("-")[0]


def _spec(name: str, environment: Mapping[str, str]) -> ChildSpec:
    role, port = role_of(name), free_port()
    modules = [HANDLERS] if role == "worker" else []
    command = [sys.executable, "-m", "joblog.cli", role, *modules]
    own = {f"JOBLOG_SIGNALS__{role.upper()}_PORT": str(port)}
    return ChildSpec(name, command, {**environment, **own}, f"http://{HOST}:{port}/live")
