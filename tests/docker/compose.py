"""`docker compose` on docker-compose.yml, as a project of its own."""

import json
import os
import secrets
import subprocess
from pathlib import Path
from typing import Any, Final

from joblog.streams.broker.ports import free_port

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 600.0


class Compose:
    """A project with a name and a published port that no other has.

    Attributes:
        port: where Kafka is for programs on this machine.
    """

    def __init__(self) -> None:
        self._name = f"joblog-{secrets.token_hex(4)}"
        self.port = free_port()

    def run(self, *arguments: str) -> str:
        """Run a command of `docker compose` and return its output."""
        command = ["docker", "compose", "--project-name", self._name, *arguments]
        settings = {"KAFKA_PORT": str(self.port), "JOBLOG_COMPILE": "0"}  # compiling takes minutes
        return self._output(command, {**os.environ, **settings})

    def joblog(self, *arguments: str) -> str:
        """Run a command of joblog in a container of its own."""
        return self.run("run", "--rm", "--quiet-pull", "joblog", *arguments)

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what the engine knows about each container, by its service."""
        ids = self._left("container", "--all").split()
        found = json.loads(self._output(["docker", "inspect", *ids])) if ids else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def left(self) -> dict[str, str]:
        """Return the ids of what is there, by kind."""
        return {
            "containers": self._left("container", "--all"),
            "networks": self._left("network"),
            "volumes": self._left("volume"),
        }

    def _left(self, kind: str, *options: str) -> str:
        label = f"label=com.docker.compose.project={self._name}"
        return self._output(["docker", kind, "ls", "--quiet", *options, "--filter", label])

    def _output(self, command: list[str], environment: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout
