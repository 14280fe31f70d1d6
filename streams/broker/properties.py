"""The broker's server.properties: one node, broker and controller in one, on loopback alone."""

import json
from collections.abc import Mapping

HOST = "127.0.0.1"
LOG_DIR = "kafka"  # relative to the data directory, which may so have any name and be moved

MEBIBYTE = 1024 * 1024

WHERE = frozenset({"listeners", "advertised.listeners", "controller.quorum.voters"})
"""Configs that say where a broker listens: they differ from start to start."""

FIXED = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": LOG_DIR,
    # After a SIGKILL the controller waits until the old broker's session has ended: 9 s by default.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # Topics are joblog's contract, so none comes to be by a typing error.
    "auto.create.topics.enable": "false",
    "message.max.bytes": str(8 * MEBIBYTE),
    # Kafka's own topics, for one broker.
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "8",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # A developer and a test wait for nothing: the default is 3 s after the first member has come.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # A transaction whose writer died holds up its readers for its timeout and no longer.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    # A controller with nothing to do writes to its log each 5 s instead of twice a second.
    "metadata.max.idle.interval.ms": "5000",
    # Compaction looks for work each second instead of each 15 s, in a buffer for 1.2 million keys.
    "log.cleaner.backoff.ms": "1000",
    "log.cleaner.dedupe.buffer.size": str(32 * MEBIBYTE),
}


def server_properties(
    port: int, controller_port: int, overrides: Mapping[str, str]
) -> dict[str, str]:
    """All properties of the broker.

    Args:
        port: where clients connect.
        controller_port: where the node talks to its own controller.
        overrides: Kafka broker configs by name, which win over joblog's.
    """
    listeners = {
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
    }
    return FIXED | listeners | dict(overrides)


def properties_text(properties: Mapping[str, str]) -> str:
    """The properties in the format of ``java.util.Properties``, whose escapes JSON shares."""
    return "".join(f"{name}={json.dumps(value)[1:-1]}\n" for name, value in properties.items())
