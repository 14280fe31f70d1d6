"""One broker or three, with a listener for each role, so that each role's connections can be disturbed alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self

from joblog.streams.broker.properties import FIXED, HOST
from tests.brokers import Brokers, distinct_ports

ROLES: Final = ("client", "worker", "scheduler", "delays")
_DIRECT: Final = "DIRECT"
_CONTROLLER: Final = "CONTROLLER"
_LISTENERS: Final = (_DIRECT, *(role.upper() for role in ROLES))

_REPLICATED: Final = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
}


class Link(NamedTuple):
    """A way from a role to a broker.

    Attributes:
        role: whose.
        node: the broker's id.
        listen: port that the role connects to.
        upstream: port that the broker listens on.
    """

    role: str
    node: int
    listen: int
    upstream: int

    @property
    def name(self) -> str:
        """Its name, unique among all links."""
        return f"{self.role}-{self.node}"


class ChaosCluster:
    """Brokers, and the ways to them.

    Args:
        directory: of their data.
        count: how many brokers.

    Attributes:
        brokers: the processes.
        links: the ways; something has to pass on what comes to their ports.
        servers: where to connect without a link.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self._nodes = tuple(range(1, count + 1))
        each = len(_LISTENERS) + 1
        ports = distinct_ports(count * (each + len(ROLES)))
        self._ports = {node: ports[each * n : each * (n + 1)] for n, node in enumerate(self._nodes)}
        free = iter(ports[each * count :])
        self.links = [
            Link(role, node, next(free), self._ports[node][1 + n])
            for node in self._nodes
            for n, role in enumerate(ROLES)
        ]
        self.brokers = Brokers(directory, self._nodes, self._properties)
        self.servers = ",".join(f"{HOST}:{self._ports[node][0]}" for node in self._nodes)

    def servers_of(self, role: str) -> str:
        """Return where a role connects."""
        return ",".join(f"{HOST}:{link.listen}" for link in self.links if link.role == role)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run all brokers."""
        with self.brokers.running():
            yield self

    def _properties(self, node: int) -> dict[str, str]:
        *ports, controller = self._ports[node]
        listeners = [
            f"{name}://{HOST}:{port}" for name, port in zip(_LISTENERS, ports, strict=True)
        ]
        proxied = [
            f"{link.role.upper()}://{HOST}:{link.listen}"
            for link in self.links
            if link.node == node
        ]
        voters = (f"{one}@{HOST}:{self._ports[one][-1]}" for one in self._nodes)
        return {
            **FIXED,
            **(_REPLICATED if len(self._nodes) > 1 else {}),
            "node.id": str(node),
            "controller.quorum.voters": ",".join(voters),
            "inter.broker.listener.name": _DIRECT,
            "listener.security.protocol.map": ",".join(
                f"{name}:PLAINTEXT" for name in (*_LISTENERS, _CONTROLLER)
            ),
            "listeners": ",".join([*listeners, f"{_CONTROLLER}://{HOST}:{controller}"]),
            "advertised.listeners": ",".join([listeners[0], *proxied]),
        }
