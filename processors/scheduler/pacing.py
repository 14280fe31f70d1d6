"""When the state is committed: less often than outputs are sent, since a transaction costs 10 to 20 ms."""

from joblog.streams.settings.groups import SchedulerSettings


class CommitPacing:
    """Says whether a partition's changes are due for a commit."""

    def __init__(self, settings: SchedulerSettings) -> None:
        """Take rows and interval from the settings; one partition is owned so far."""
        self._settings = settings
        self.partitions_owned = 1

    @property
    def interval_ms(self) -> int:
        """Longest time in ms that a change waits for its commit."""
        share = self._settings.commit_interval_per_partition_ms * self.partitions_owned
        return max(self._settings.commit_interval_ms, share)

    @property
    def most_rows(self) -> int:
        """Changed rows at which folding waits for a commit, so that memory stays bounded."""
        return 4 * self._settings.commit_rows

    def is_due(self, changed_rows: int, waited_ms: int) -> bool:
        """Return whether so many changed rows, the oldest changed so long ago, are to be committed."""
        return changed_rows >= self._settings.commit_rows or waited_ms >= self.interval_ms
