"""The stores of one process."""

from collections.abc import Callable

from joblog.streams.kafka.client import client_options
from joblog.streams.settings import Settings
from joblog.streams.store.abc import Derivation, Reached, ignore
from joblog.streams.store.changelog import Changelog
from joblog.streams.store.kafka import KafkaStore
from joblog.streams.store.memory_budget import MemoryBudget
from joblog.streams.topics import TopicMap


class KafkaStores:
    """Makes the stores of the partitions that a process owns; they share memory.

    Args:
        settings: where Kafka is, the namespace, and where local copies lie:
            ``<data_dir>/state/<namespace>/<partition>``.
        derivation: the local entries.
        clock: returns the time in ms since the Unix epoch.
        reached: told the steps of each commit. Defaults to nobody.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        derivation: Derivation,
        clock: Callable[[], int],
        reached: Reached = ignore,
    ) -> None:
        self._topics = TopicMap.of(settings)
        self._root = settings.data_dir / "state" / settings.namespace
        self._client = client_options(settings)
        self._memory = MemoryBudget()
        self._derivation = derivation
        self._clock = clock
        self._reached = reached

    def store(self, partition: int) -> KafkaStore:
        """Return a store for a partition, not yet open; a new one each time."""
        return KafkaStore(
            Changelog.of(self._topics, partition),
            self._root / str(partition),
            self._memory,
            self._derivation,
            client=self._client,
            clock=self._clock,
            reached=self._reached,
        )
