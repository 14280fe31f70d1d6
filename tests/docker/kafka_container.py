"""A Kafka in a container, for tests: testcontainers starts it and takes it away."""

from typing import Final, Self

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

IMAGE: Final = "apache/kafka:4.3.1"
PORT: Final = 9092
START: Final = "/tmp/start.sh"  # noqa: S108 - in the container

CONFIG: Final = {
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_LISTENERS": f"PLAINTEXT://:{PORT},CONTROLLER://localhost:9093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
    "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
}


class KafkaContainer(DockerContainer):
    """A Kafka of one node, without authentication. Use it as a context manager."""

    def __init__(self) -> None:
        super().__init__(IMAGE)
        self.with_envs(**CONFIG)
        self.with_exposed_ports(PORT)
        wait = f"until [ -x {START} ]; do sleep 0.05; done; exec {START}"
        self.with_command(["bash", "-c", wait])

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect, as `host:port`."""
        return f"{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    def start(self) -> Self:
        """Start it, and wait until it serves clients. Its port is only known once the container runs."""
        super().start()
        advertised = f"PLAINTEXT://{self.bootstrap_servers}"
        script = (
            f"#!/bin/bash\nKAFKA_ADVERTISED_LISTENERS={advertised} exec /etc/kafka/docker/run\n"
        )
        self.copy_into_container(script.encode(), START, mode=0o755)
        started = LogMessageWaitStrategy("Kafka Server started").with_poll_interval(0.1)
        started.wait_until_ready(self)
        return self
