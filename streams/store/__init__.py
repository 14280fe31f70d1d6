"""The state of one partition: a changelog on Kafka with one fenced writer, and a local copy in RocksDB."""

from joblog.streams.store.abc import CommitStep, Derivation, PartitionStore, Reached
from joblog.streams.store.changelog import Changelog
from joblog.streams.store.digest import state_digest
from joblog.streams.store.errors import (
    ChangelogTruncatedError,
    FencedError,
    InvalidStateKeyError,
    LocalStateError,
    StateDirectoryInUseError,
    StoreError,
    StoreFailedError,
    StoreNotOpenError,
)
from joblog.streams.store.kafka import KafkaStore
from joblog.streams.store.memory_budget import MemoryBudget
from joblog.streams.store.state import STATE
from joblog.streams.store.stores import KafkaStores

__all__ = [
    "STATE",
    "Changelog",
    "ChangelogTruncatedError",
    "CommitStep",
    "Derivation",
    "FencedError",
    "InvalidStateKeyError",
    "KafkaStore",
    "KafkaStores",
    "LocalStateError",
    "MemoryBudget",
    "PartitionStore",
    "Reached",
    "StateDirectoryInUseError",
    "StoreError",
    "StoreFailedError",
    "StoreNotOpenError",
    "state_digest",
]
