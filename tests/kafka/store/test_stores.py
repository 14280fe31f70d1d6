"""The stores of one process, made from its settings."""

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.settings import Settings
from joblog.streams.store import KafkaStores
from tests.kafka.store.model import DERIVATION, all_entries, commit_up_to, state_after
from tests.kafka.store.place import PARTITIONS, Place, wall_clock


async def test_each_partition_has_a_directory_and_a_state_of_its_own(
    place: Place, broker: EmbeddedBroker
) -> None:
    settings = Settings(
        bootstrap_servers=broker.bootstrap_servers,
        namespace=place.namespace,
        partitions=PARTITIONS,
        data_dir=place.disks / "data",
    )
    stores = KafkaStores(settings, DERIVATION, wall_clock)
    for partition in (1, 2):
        store = stores.store(partition)
        await store.open()
        await commit_up_to(store, partition)
        await store.close()
    found = {path.name for path in (place.disks / "data/state" / place.namespace).iterdir()}
    assert found == {"1", "1.lock", "2", "2.lock"}
    for partition in (1, 2):
        store = place.store(partition, "empty")
        await store.open()
        assert all_entries(store) == all_entries(state_after(partition))
