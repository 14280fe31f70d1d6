"""A log on the secured cluster, each of whose processes logs in as its own principal."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from joblog.streams.roles import Role
from tests.cluster import SHORT, Cluster
from tests.kafka.secured.cluster import ADMIN, SecuredCluster

HANDLERS: Final = "tests.kafka.secured.handlers"
ROOT: Final = Path(__file__).parents[3]
SECONDS: Final = 60

LOGINS: Final[Mapping[Role, str]] = {
    Role.PRODUCER: "shop",
    Role.SCHEDULER: "scheduler",
    Role.DELAYS: "delays",
    Role.WORKER: "worker",
    Role.OPERATOR: "operator",
    Role.DEPLOYER: "deployer",
}
"""Who does what."""

COMMANDS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.PRODUCER: ("submit", "pack", '{"number": 1}'),
    Role.SCHEDULER: ("scheduler",),
    Role.DELAYS: ("delays",),
    Role.WORKER: ("worker", HANDLERS),
    Role.OPERATOR: ("status",),
    Role.DEPLOYER: ("topics", "create"),
}


class Said(NamedTuple):
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


class SecuredLog(Cluster):
    """A namespace of the cluster, and processes that are called as those who log in.

    Attributes:
        brokers: the cluster.
    """

    def __init__(self, directory: Path, brokers: SecuredCluster, namespace: str) -> None:
        super().__init__(directory, brokers.bootstrap_servers, namespace, SHORT)
        self.brokers = brokers
        self.settings = brokers.settings(ADMIN, namespace=namespace)

    def __enter__(self) -> Self:
        """Have topics made and rights given to all, by somebody who may."""
        principals = (
            word for role, login in LOGINS.items() for word in (f"--{role}", f"User:{login}")
        )
        applied = self.as_(ADMIN, "topics", "apply", "--yes", *principals)
        assert applied.code == 0, applied.err
        return self

    def as_(self, login: str, *arguments: str, stdin: str = "", **more: str) -> Said:
        """Run a command of somebody to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "joblog.cli", *arguments],
            env={**self._environment(login), **more},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            timeout=SECONDS,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def start_services(self) -> None:
        """Start a scheduler, a delay service and a worker, and wait until jobs may be submitted."""
        for role in (Role.SCHEDULER, Role.DELAYS, Role.WORKER):
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
