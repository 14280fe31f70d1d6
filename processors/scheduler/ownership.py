"""Announces who answers questions about a partition, on the config topic, after each takeover."""

from collections.abc import Callable, Sequence

from joblog.processors.scheduler.outbound import SOURCE
from joblog.schemas.codec import Codec
from joblog.schemas.models import OwnerAnnounced
from joblog.streams.abc import PartitionOwner, Publisher
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Inbound, Outbound


class AnnouncedOwner:
    """A PartitionOwner that says on the config topic that it has opened a partition.

    Readers believe the newest record of a partition: Kafka's order needs no clocks that agree.

    Args:
        owner: opens, processes and closes.
        publisher: writes the announcements.
        config_topic: name of the config topic.
        url: gives the base URL of this process's read-only API, None where it serves none.
        clock: ms since the Unix epoch.
    """

    def __init__(
        self,
        owner: PartitionOwner,
        publisher: Publisher,
        config_topic: str,
        url: Callable[[], str | None],
        clock: Callable[[], int],
    ) -> None:
        self._owner = owner
        self._publisher = publisher
        self._config_topic = config_topic
        self._url = url
        self._clock = clock
        self._codec = Codec()

    async def open(self, partition: int) -> int:
        """Open a partition, announce it, and return the offset to fold next."""
        position = await self._owner.open(partition)
        url = self._url()
        if url is not None:
            await self._publisher.publish([self._announcement(partition, url)])
        return position

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        """Fold records and publish what follows."""
        await self._owner.process(partition, records)

    async def close(self, partition: int) -> None:
        """Give a partition up; its next owner will announce itself."""
        await self._owner.close(partition)

    def _announcement(self, partition: int, url: str) -> Outbound:
        epoch = self._clock()
        event = OwnerAnnounced(
            event_id=f"owner-{partition}-{epoch}",
            time=epoch,
            partition=partition,
            url=url,
            epoch=epoch,
        )
        headers = headers_for("OwnerAnnounced", event.event_id, epoch, SOURCE)
        key = f"owner/{partition}".encode()
        return Outbound(self._config_topic, 0, key, self._codec.encode(event), headers)
