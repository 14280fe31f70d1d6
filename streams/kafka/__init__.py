"""Kafka itself: how clients connect, how records are published, how topics come to be."""

from joblog.streams.kafka.admin import (
    check_log,
    check_topics,
    connected_admin,
    ensure_topics,
    mend_topics,
)
from joblog.streams.kafka.client import (
    client_options,
    connect,
    group_options,
    producer_options,
)
from joblog.streams.kafka.publisher import KafkaPublisher

__all__ = [
    "KafkaPublisher",
    "check_log",
    "check_topics",
    "client_options",
    "connect",
    "connected_admin",
    "ensure_topics",
    "group_options",
    "mend_topics",
    "producer_options",
]
