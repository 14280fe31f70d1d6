"""A log on the secured cluster, each of whose processes logs in as its own principal."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from joblog.streams.roles import Role
from joblog.streams.settings import RegistrySettings
from tests.cluster import SHORT, Cluster
from tests.kafka.cli.running import Result, joblog, process
from tests.kafka.secured.cluster import ADMIN, SecuredCluster

HANDLERS: Final = "tests.kafka.secured.handlers"
ROOT: Final = Path(__file__).parents[3]

LOGINS: Final[Mapping[Role, str]] = {
    Role.PRODUCER: "shop",
    Role.SCHEDULER: "scheduler",
    Role.DELAYS: "delays",
    Role.WORKER: "worker",
    Role.BRIDGE: "bridge",
    Role.OPERATOR: "operator",
    Role.DEPLOYER: "deployer",
}
"""Who does what."""

SERVICES: Final = (Role.SCHEDULER, Role.DELAYS, Role.WORKER, Role.BRIDGE)

COMMANDS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.PRODUCER: ("submit", "pack", '{"number": 1}'),
    Role.SCHEDULER: ("scheduler",),
    Role.DELAYS: ("delays",),
    Role.WORKER: ("worker", HANDLERS),
    Role.BRIDGE: ("bridge",),
    Role.OPERATOR: ("status",),
    Role.DEPLOYER: ("topics", "create"),
}


class SecuredLog(Cluster):
    """A namespace of the cluster, and processes that are called as those who log in.

    Attributes:
        brokers: the cluster.
    """

    def __init__(
        self, directory: Path, brokers: SecuredCluster, namespace: str, registry_url: str
    ) -> None:
        environment = SHORT | {"JOBLOG_REGISTRY__URL": registry_url}
        super().__init__(directory, brokers.bootstrap_servers, namespace, environment)
        self.brokers = brokers
        registry = RegistrySettings(url=registry_url)
        self.settings = brokers.settings(ADMIN, namespace=namespace, registry=registry)

    def __enter__(self) -> Self:
        """Have topics made and rights given to all, by somebody who may."""
        principals = (
            word for role, login in LOGINS.items() for word in (f"--{role}", f"User:{login}")
        )
        applied = self.as_(ADMIN, "topics", "apply", "--yes", *principals)
        assert applied.code == 0, applied.err
        return self

    def as_(self, login: str, *arguments: str, stdin: str = "", **more: str) -> Result:
        """Run a command of somebody to its end, in this process, which saves the time for its imports."""
        env = {**self._environment(login), **more}
        return asyncio.run(joblog(*arguments, env=env, stdin=stdin.encode()))

    def service_as(self, login: str, *arguments: str) -> Result:
        """Run a service as somebody who cannot, until it ends."""
        return asyncio.run(process(*arguments, env=self._environment(login)))

    def try_as(self, login: str, role: Role) -> Result:
        """Do as somebody what a role does, until it ends."""
        run = self.service_as if role in SERVICES else self.as_
        return run(login, *COMMANDS[role])

    def start_services(self) -> None:
        """Start a process of each kind, and wait until jobs may be submitted."""
        for role in SERVICES:
            self.start(LOGINS[role], *COMMANDS[role])
        self.until(lambda: self.as_("shop", *COMMANDS[Role.PRODUCER]).code == 0, "a job")

    def _environment(self, name: str) -> dict[str, str]:
        login = name.partition("/")[0]
        return (
            super()._environment(name)
            | self.brokers.environment(login)
            | {
                "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
                "JOBLOG_REQUEST_TIMEOUT_MS": "10000",
            }
        )
