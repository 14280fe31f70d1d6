"""What ends the use of a partition's state. Each message holds the value, the rule and the fix."""

from pathlib import Path

from joblog.schemas.errors import JoblogError


class StoreError(JoblogError):
    """Root of the errors about a partition's state."""


class FencedError(StoreError):
    """A newer owner of the partition has taken over (KIP-98), or Kafka gave this one up.

    Attributes:
        partition: the partition.
        writer: transactional id that both owners write with.
    """

    def __init__(self, partition: int, writer: str) -> None:
        self.partition = partition
        self.writer = writer
        super().__init__(
            f"partition {partition} has a newer owner that writes as {writer}, and a partition's state has "
            "one writer: nothing more may be committed by this process; end it and start it again"
        )


class StoreFailedError(StoreError):
    """A commit failed, and it is not known how far it came.

    Attributes:
        partition: the partition.
        reason: what Kafka, the disk or the client said.
    """

    def __init__(self, partition: int, reason: str) -> None:
        self.partition = partition
        self.reason = reason
        super().__init__(
            f"the state of partition {partition} could not be committed ({reason}), and nothing may be "
            "committed after a failure: end this process and start it again, it recovers what was committed"
        )


class StoreNotOpenError(StoreError):
    """The state is used before it is opened or after it is closed.

    Attributes:
        partition: the partition.
    """

    def __init__(self, partition: int) -> None:
        self.partition = partition
        super().__init__(
            f"the state of partition {partition} is not open: use it between open and close, and open "
            "another store after a close"
        )


class InvalidStateKeyError(StoreError):
    """A key has no family.

    Attributes:
        key: the refused key.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key
        super().__init__(
            f"{key!r} is no key of the state: the first byte is its family, and 00 is the store's own; "
            "give one of joblog.lifecycle.partition.keys"
        )


class StateDirectoryInUseError(StoreError):
    """Another process has the local state open.

    Attributes:
        directory: where it lies.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        super().__init__(
            f"{directory} is used by another process, and local state belongs to one: end that process, or "
            "give this one a data directory of its own (JOBLOG_DATA_DIR)"
        )


class LocalStateError(StoreError):
    """The local copy of the state cannot be used.

    Attributes:
        directory: where it lies.
        reason: what is wrong with it.
    """

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        self.reason = reason
        super().__init__(
            f"the local state in {directory} cannot be used ({reason}): it is only a copy, which is "
            "deleted and rebuilt from the changelog when the partition is opened"
        )


class ChangelogTruncatedError(StoreError):
    """Records at the start of a changelog were deleted, so that state cannot be rebuilt from it.

    Attributes:
        topic: the changelog.
        partition: the partition.
        earliest: its first offset.
    """

    def __init__(self, topic: str, partition: int, earliest: int) -> None:
        self.topic = topic
        self.partition = partition
        self.earliest = earliest
        super().__init__(
            f"{topic}/{partition} begins at offset {earliest}, but a changelog is only compacted and keeps "
            "its offset 0: set cleanup.policy=compact, then rebuild the tables by replay into new topics"
        )
