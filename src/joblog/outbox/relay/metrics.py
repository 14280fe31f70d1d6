"""What a relay does, as metrics."""

from joblog.outbox.stored import Depth
from joblog.streams.signals.metrics import Metrics


class RelayMetrics:
    """Counts into the metrics of the process."""

    def __init__(self, metrics: Metrics) -> None:
        """Begin at zero."""
        self._metrics = metrics

    def settled(self, published: int, refused: int) -> None:
        """So many entries were published and deleted, and so many refused."""
        self._metrics.outbox_published.inc(published)
        self._metrics.outbox_refused.inc(refused)

    def seen(self, depth: Depth) -> None:
        """So much stands in the table."""
        self._metrics.outbox_entries.labels("waiting").set(depth.waiting)
        self._metrics.outbox_entries.labels("refused").set(depth.refused)
        self._metrics.outbox_oldest.set(depth.oldest_seconds or 0)
