"""What of each partition was delivered, acknowledged and committed in one generation."""

from collections.abc import Mapping
from dataclasses import dataclass

from joblog.streams.faust_app.errors import AcknowledgementError, DeliveryGapError


@dataclass(slots=True)
class _Progress:
    delivered: int
    acknowledged: int
    committed: int


class Ledger:
    """Offsets of the partitions that this process owns in one generation of the group.

    Delivery, acknowledgement and commit each advance on their own: an owner acknowledges much later
    than it is given records (it commits its state less often than its outputs), and a commit may
    fail. Each generation has a ledger of its own, so an acknowledgement that comes late cannot count
    for records of a later generation.
    """

    def __init__(self) -> None:
        self._progress: dict[int, _Progress] = {}
        self._closed = False

    def begin(self, partition: int, position: int) -> None:
        """Start a partition; ``position`` is the offset that is delivered first."""
        self._progress[partition] = _Progress(position, position, position)

    def deliver(self, partition: int, follows: int, last: int) -> None:
        """Note that the records from ``follows`` to ``last`` were delivered.

        Args:
            partition: the partition.
            follows: the position, or the offset after the last record delivered before; the first
                of these records may be further on, where the log has gaps.
            last: offset of the last of them.

        Raises:
            DeliveryGapError: they do not follow what was delivered before.
        """
        progress = self._progress[partition]
        if follows != progress.delivered:
            raise DeliveryGapError(partition, follows, progress.delivered)
        progress.delivered = last + 1

    def acknowledge(self, partition: int, offset: int) -> bool:
        """Note that all records up to and including ``offset`` are durable.

        Returns:
            False if the generation is over: nothing was noted.

        Raises:
            AcknowledgementError: the record was not delivered.
        """
        if self._closed:
            return False
        progress = self._progress.get(partition)
        if progress is None or offset >= progress.delivered:
            raise AcknowledgementError(partition, offset, progress.delivered if progress else 0)
        progress.acknowledged = max(progress.acknowledged, offset + 1)
        return True

    def committable(self) -> dict[int, int]:
        """The offset to commit for each partition that has acknowledged more than was committed."""
        return {
            partition: progress.acknowledged
            for partition, progress in self._progress.items()
            if progress.acknowledged > progress.committed
        }

    def committed(self, offsets: Mapping[int, int]) -> None:
        """Note that the group holds these offsets; not to be called when a commit has failed."""
        for partition, offset in offsets.items():
            self._progress[partition].committed = offset

    def in_flight(self, partition: int) -> int:
        """How many offsets were delivered and are not acknowledged."""
        progress = self._progress[partition]
        return progress.delivered - progress.acknowledged

    def close(self) -> None:
        """End the generation: what is acknowledged from now on is refused."""
        self._closed = True
