"""What keeps a log from being replayed."""

from joblog.schemas.errors import JoblogError


class LogCutError(JoblogError):
    """Records of the log are missing.

    Attributes:
        topic: the events topic.
        partition: the partition.
        found: where the log begins or ends.
        expected: the offset that is needed.
    """

    def __init__(self, topic: str, partition: int, found: str, expected: str) -> None:
        self.topic = topic
        self.partition = partition
        self.found = found
        self.expected = expected
        super().__init__(
            f"{topic}/{partition} {found}, but its records from offset {expected} are needed: restore the "
            "deleted records from an archive; tables cannot be rebuilt from a part of the log"
        )
