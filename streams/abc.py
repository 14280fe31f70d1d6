"""The seams of the streams layer: what Kafka and the in-memory log both implement."""

from collections.abc import Sequence
from typing import Protocol

from joblog.streams.records import Inbound, Outbound, Position


class Publisher(Protocol):
    """Writes records to the log."""

    async def publish(self, records: Sequence[Outbound]) -> Sequence[Position]:
        """Write records; all are acknowledged when it returns.

        Returns:
            The position of each record, in the order given.

        Raises:
            PublishError: some record was not acknowledged, and any of them may have been written. The
                process has to end before it commits anything more.
            RecordTooLargeError: a record is larger than its topic takes; nothing was written.
        """
        ...


class PartitionOwner(Protocol):
    """Folds partitions of the events topic while this process owns them."""

    async def open(self, partition: int) -> int:
        """Fence the former owner, recover the state, and return the offset to fold next."""
        ...

    async def process(self, partition: int, records: Sequence[Inbound]) -> None:
        """Fold records and publish what follows; they may be acknowledged later."""
        ...

    async def close(self, partition: int) -> None:
        """Stop: nothing more is committed for the partition."""
        ...
