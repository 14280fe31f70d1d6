"""The example programs in other languages, built and ready to run."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.cluster import Cluster

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
PACKAGES: Final = {
    "npm": "nodejs and npm",
    "mvn": "default-jdk-headless and maven",
}
SECONDS: Final = 60


@dataclass(frozen=True)
class Program:
    """A program that submits jobs and prints their ids.

    Attributes:
        directory: where it lies.
        command: what runs it.
    """

    directory: Path
    command: Sequence[str]

    def run(self, cluster: Cluster) -> list[str]:
        """Run it to its end and return the ids of the jobs, in the order in which it submitted them."""
        where = {
            "BOOTSTRAP_SERVERS": cluster.settings.bootstrap_servers,
            "NAMESPACE": cluster.settings.namespace,
        }
        done = subprocess.run(
            self.command,
            cwd=self.directory,
            env=os.environ | where,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def node() -> Program:
    """Install what the Node program needs."""
    directory = EXAMPLES / "node"
    _build(directory, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund")
    return Program(directory, ("node", "submit.js"))


def java() -> Program:
    """Compile the Java program."""
    directory = EXAMPLES / "java"
    _build(directory, "mvn", "-B", "-q", "compile", "dependency:copy-dependencies")
    class_path = "target/classes:target/dependency/*"
    return Program(directory, ("java", "-cp", class_path, "example.SubmitJobs"))


def _build(directory: Path, tool: str, *arguments: str) -> None:
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"there is no {tool}: install {PACKAGES[tool]}")
    done = subprocess.run(
        [found, *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
