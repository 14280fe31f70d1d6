"""Three brokers that are controllers too: clients log in by SCRAM over TLS, and an authorizer rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from joblog.streams.broker.properties import FIXED, HOST
from joblog.streams.settings import Settings
from tests.brokers import Brokers, distinct_ports
from tests.kafka.secured.certificates import BROKER, Certificates, make_certificates

NODES: Final = (1, 2, 3)
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
        self._certificates: Certificates = make_certificates(directory)
        ports = distinct_ports(3 * len(NODES))
        self._ports = {node: ports[3 * index : 3 * index + 3] for index, node in enumerate(NODES)}
        logins = (f"SCRAM-SHA-512=[name={login},password={password_of(login)}]" for login in LOGINS)
        arguments = [word for login in logins for word in ("--add-scram", login)]
        self._brokers = Brokers(directory, NODES, self._properties, arguments)
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
        self._brokers.kill(node)

    def start(self, *nodes: int) -> None:
        """Start brokers, and wait until they serve clients."""
        self._brokers.start(*nodes)

    @contextmanager
    def running(self) -> Iterator["SecuredCluster"]:
        """Format the storage, and run all brokers."""
        with self._brokers.running():
            yield self

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
