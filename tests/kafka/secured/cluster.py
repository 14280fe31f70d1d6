"""Three brokers that are controllers too: clients log in by SCRAM over TLS, and an authorizer rules."""

import os
import shutil
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from joblog.streams.broker.embedded import default_cache_dir
from joblog.streams.broker.jvm import (
    SERVER,
    STORAGE_TOOL,
    JvmProfile,
    KafkaRuntime,
    kafka_runtime,
)
from joblog.streams.broker.ports import free_port
from joblog.streams.broker.process import BrokerProcess
from joblog.streams.broker.properties import FIXED, HOST, properties_text
from joblog.streams.broker.startup_cache import with_startup_cache
from joblog.streams.settings import Settings
from tests.kafka.secured.certificates import BROKER, Certificates, make_certificates

NODES: Final = (1, 2, 3)
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
ADMIN: Final = "admin"
LOGINS: Final = (
    ADMIN, "shop", "scheduler", "delays", "worker", "bridge", "operator", "deployer", "stranger",
    "producer-but", "scheduler-but", "delays-but", "worker-but", "bridge-but",
)  # fmt: skip
"""Who may log in. `admin` may do everything; those that end with `-but` are to lack something."""

SECURED: Final = {
    "inter.broker.listener.name": "INTERNAL",
    "listener.security.protocol.map": "CLIENTS:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL",
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.clients.scram-sha-512.sasl.jaas.config": (
        "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ),
    "ssl.keystore.type": "PEM",
    "ssl.truststore.type": "PEM",
    "listener.name.internal.ssl.client.auth": "required",
    "listener.name.controller.ssl.client.auth": "required",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": f"User:{BROKER};User:{ADMIN}",
    "offsets.topic.num.partitions": "3",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.num.partitions": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
}


def password_of(login: str) -> str:
    """Return a login's password."""
    return f"secret of {login}"


def login_options(brokers: "SecuredCluster", login: str) -> dict[str, str | int | float | bool]:
    """Return how clients of another library log in."""
    return {
        "bootstrap.servers": brokers.bootstrap_servers,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": login,
        "sasl.password": password_of(login),
        "ssl.ca.location": str(brokers.authority),
    }


class SecuredCluster:
    """The brokers. All end with the context.

    Attributes:
        bootstrap_servers: where clients connect.
        authority: file of the authority that clients check certificates against.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._runtime = _runtime()
        self._certificates: Certificates = make_certificates(directory)
        ports: list[int] = []
        while len(ports) < 3 * len(NODES):
            port = free_port()
            if port not in ports:
                ports.append(port)
        self._ports = {node: ports[3 * index : 3 * index + 3] for index, node in enumerate(NODES)}
        self._processes: dict[int, BrokerProcess] = {}
        self.authority = self._certificates.authority
        self.bootstrap_servers = ",".join(f"{HOST}:{self._ports[node][0]}" for node in NODES)

    def settings(self, login: str, **more: Any) -> Settings:  # noqa: ANN401 - as Settings
        """Return the settings of who logs in."""
        values = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": login,
            "sasl_password": password_of(login),
            "ssl_ca_file": self.authority,
            "replication_factor": 3,
            "partitions": 2,
        }
        return Settings(**(values | more))

    def environment(self, login: str) -> dict[str, str]:
        """Return the same as environment variables."""
        return {
            "JOBLOG_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "JOBLOG_SECURITY_PROTOCOL": "SASL_SSL",
            "JOBLOG_SASL_MECHANISM": "SCRAM-SHA-512",
            "JOBLOG_SASL_USERNAME": login,
            "JOBLOG_SASL_PASSWORD": password_of(login),
            "JOBLOG_SSL_CA_FILE": str(self.authority),
            "JOBLOG_REPLICATION_FACTOR": "3",
            "JOBLOG_PARTITIONS": "2",
        }

    def kill(self, node: int) -> None:
        """End a broker by SIGKILL."""
        self._processes.pop(node).kill()

    def start(self, *nodes: int) -> None:
        """Start brokers, and wait until they serve clients."""
        for node in nodes:
            self._processes[node] = self._launched(node)
        for node in nodes:
            self._processes[node].wait_until_ready(START_SECONDS)

    @contextmanager
    def running(self) -> Iterator["SecuredCluster"]:
        """Format the storage, and run all brokers."""
        self._format()
        with ExitStack() as stack:
            stack.callback(self._stop)
            self.start(*NODES)
            yield self

    def _stop(self) -> None:
        for process in self._processes.values():
            process.kill()

    def _format(self) -> None:
        """Format the first node's storage, and copy it: each run of Java takes a second."""
        first = self._home(NODES[0])
        for node in NODES:
            home = self._home(node)
            home.mkdir()
            (home / "server.properties").write_text(properties_text(self._properties(node)))
        logins = (f"SCRAM-SHA-512=[name={login},password={password_of(login)}]" for login in LOGINS)
        arguments = (word for login in logins for word in ("--add-scram", login))
        cluster_id = f"--cluster-id={_id()}"
        command = self._runtime.command(
            STORAGE_TOOL, "format", cluster_id, "--config", "server.properties", *arguments
        )
        subprocess.run(command, cwd=first, check=True, capture_output=True)
        meta = (first / "kafka" / "meta.properties").read_text().splitlines()
        for node in NODES[1:]:
            target = self._home(node) / "kafka"
            shutil.copytree(first / "kafka", target)
            own = {"node.id": str(node), "directory.id": _id()}
            lines = (f"{name}={own.get(name, value)}" for name, _, value in _pairs(meta))
            (target / "meta.properties").write_text("\n".join(lines))

    def _launched(self, node: int) -> BrokerProcess:
        home = self._home(node)
        lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT)
        try:
            command = self._runtime.command(SERVER, "server.properties")
            return BrokerProcess(command, home, home / f"broker-{time.monotonic_ns()}.log", lock)
        finally:
            os.close(lock)

    def _home(self, node: int) -> Path:
        return self._directory / f"broker-{node}"

    def _properties(self, node: int) -> dict[str, str]:
        clients, internal, controller = self._ports[node]
        voters = (f"{one}@{HOST}:{self._ports[one][2]}" for one in NODES)
        served = f"CLIENTS://{HOST}:{clients},INTERNAL://{HOST}:{internal}"
        return {
            **FIXED,
            **SECURED,
            "node.id": str(node),
            "controller.quorum.voters": ",".join(voters),
            "listeners": f"{served},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": served,
            "ssl.keystore.location": str(self._certificates.keystore),
            "ssl.truststore.location": str(self._certificates.authority),
        }


def _runtime() -> KafkaRuntime:
    cache = default_cache_dir()
    return with_startup_cache(kafka_runtime(cache), cache).with_flags(
        "-Xmx256m", *JvmProfile.QUICK.value
    )


def _pairs(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    return (line.partition("=") for line in lines if "=" in line)


def _id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
