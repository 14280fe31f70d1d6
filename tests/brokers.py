"""Nodes of a Kafka cluster on this machine, each broker and controller in one, by properties of the caller."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Self

from joblog.streams.broker.embedded import default_cache_dir
from joblog.streams.broker.formatting import (
    META_NAME,
    PROPERTIES_NAME,
    new_id,
    with_properties,
)
from joblog.streams.broker.jvm import (
    SERVER,
    STORAGE_TOOL,
    JvmProfile,
    KafkaRuntime,
    kafka_runtime,
)
from joblog.streams.broker.ports import free_port
from joblog.streams.broker.process import BrokerProcess
from joblog.streams.broker.properties import LOG_DIR, properties_text
from joblog.streams.broker.startup_cache import with_startup_cache

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0


class Brokers:
    """The nodes. All end with the context of `running`.

    Args:
        directory: of their data and logs.
        nodes: their ids.
        properties: gives the properties of a node.
        format_arguments: what Kafka's StorageTool is told beside the rest.
    """

    def __init__(
        self,
        directory: Path,
        nodes: Sequence[int],
        properties: Callable[[int], Mapping[str, str]],
        format_arguments: Sequence[str] = (),
    ) -> None:
        self._directory = directory
        self._runtime = _runtime()
        self._nodes = nodes
        self._properties = properties
        self._format_arguments = format_arguments
        self._processes: dict[int, BrokerProcess] = {}

    @property
    def alive(self) -> list[int]:
        """The ids of those that were started and not killed."""
        return sorted(self._processes)

    def kill(self, node: int) -> None:
        """End a broker by SIGKILL."""
        self._processes.pop(node).kill()

    def stop(self, node: int) -> None:
        """End a broker in good order."""
        self._processes.pop(node).terminate(STOP_SECONDS)

    def signal(self, node: int, signum: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self._processes[node].pid, signum)

    def start(self, *nodes: int) -> None:
        """Start brokers, and wait until they serve clients."""
        for node in nodes:
            self._processes[node] = self._launched(node)
        for node in nodes:
            self._processes[node].wait_until_ready(START_SECONDS)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Format the storage, and run all brokers."""
        self._format()
        with ExitStack() as stack:
            stack.callback(self._kill_all)
            self.start(*self._nodes)
            yield self

    def _kill_all(self) -> None:
        for process in self._processes.values():
            process.kill()

    def _format(self) -> None:
        """Format the first node's storage, and copy it: each run of Java takes a second."""
        first = self._home(self._nodes[0])
        for node in self._nodes:
            home = self._home(node)
            home.mkdir(parents=True)
            (home / PROPERTIES_NAME).write_text(properties_text(dict(self._properties(node))))
        cluster_id = f"--cluster-id={new_id()}"
        command = self._runtime.command(
            STORAGE_TOOL,
            *("format", cluster_id, "--config", PROPERTIES_NAME, *self._format_arguments),
        )
        subprocess.run(command, cwd=first, check=True, capture_output=True)
        meta = (first / LOG_DIR / META_NAME).read_text()
        for node in self._nodes[1:]:
            target = self._home(node) / LOG_DIR
            shutil.copytree(first / LOG_DIR, target)
            own = {"node.id": str(node), "directory.id": new_id()}
            (target / META_NAME).write_text(with_properties(meta, own))

    def _launched(self, node: int) -> BrokerProcess:
        home = self._home(node)
        lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT)
        try:
            command = self._runtime.command(SERVER, PROPERTIES_NAME)
            return BrokerProcess(command, home, home / f"broker-{time.monotonic_ns()}.log", lock)
        finally:
            os.close(lock)

    def _home(self, node: int) -> Path:
        return self._directory / f"broker-{node}"


def distinct_ports(count: int) -> list[int]:
    """Return free ports, no two the same."""
    ports: list[int] = []
    while len(ports) < count:
        port = free_port()
        if port not in ports:
            ports.append(port)
    return ports


def _runtime() -> KafkaRuntime:
    cache = default_cache_dir()
    return with_startup_cache(kafka_runtime(cache), cache).with_flags(
        "-Xmx256m", *JvmProfile.QUICK.value
    )
