"""An embedded broker: a real Apache Kafka that needs neither Java nor Docker on the machine."""

from joblog.streams.broker.embedded import EmbeddedBroker
from joblog.streams.broker.errors import (
    BrokerError,
    BrokerExtraMissingError,
    BrokerNotRunningError,
    BrokerStartError,
    DataDirectoryInUseError,
    InvalidBrokerSettingError,
    KafkaJarAlteredError,
    KafkaJarUnavailableError,
    PortTakenError,
)
from joblog.streams.broker.jvm import JvmProfile

__all__ = [
    "BrokerError",
    "BrokerExtraMissingError",
    "BrokerNotRunningError",
    "BrokerStartError",
    "DataDirectoryInUseError",
    "EmbeddedBroker",
    "InvalidBrokerSettingError",
    "JvmProfile",
    "KafkaJarAlteredError",
    "KafkaJarUnavailableError",
    "PortTakenError",
]
