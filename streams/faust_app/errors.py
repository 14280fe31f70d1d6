"""What ends a scheduler: each message says what was seen, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class PositionOutsideLogError(JoblogError):
    """The offset to fold next is not in the log: the log is another one, or was cut.

    Attributes:
        topic: the events topic.
        partition: the partition.
        position: the offset that the state asks for.
        start: first offset of the log.
        end: offset of the next record that the log will take.
    """

    def __init__(self, topic: str, partition: int, position: int, start: int, end: int) -> None:
        self.topic = topic
        self.partition = partition
        self.position = position
        self.start = start
        self.end = end
        super().__init__(
            f"{topic}/{partition} goes from offset {start} to {end}, but the state has to go on at "
            f"{position}: the topic was made anew, cut or purged too far, and no position is reset "
            "silently; restore the topic, or replay it into new topics and tables"
        )


class AcknowledgementError(JoblogError):
    """An owner acknowledged what it was never given.

    Attributes:
        partition: the partition.
        offset: the acknowledged offset.
        delivered: offset of the next record to be delivered.
    """

    def __init__(self, partition: int, offset: int, delivered: int) -> None:
        self.partition = partition
        self.offset = offset
        self.delivered = delivered
        super().__init__(
            f"offset {offset} of partition {partition} was acknowledged, but only those below "
            f"{delivered} were delivered: acknowledge the offset of the last durable record"
        )


class DeliveryGapError(JoblogError):
    """Records do not follow those delivered before: some were lost or repeated on the way.

    Attributes:
        partition: the partition.
        follows: the offset that they follow on.
        delivered: offset of the next record to be delivered.
    """

    def __init__(self, partition: int, follows: int, delivered: int) -> None:
        self.partition = partition
        self.follows = follows
        self.delivered = delivered
        super().__init__(
            f"partition {partition} delivered records that follow on offset {follows} instead of "
            f"{delivered}: each record is delivered once and in order within a generation; report "
            "this as a bug of joblog"
        )


class CloseTimeoutError(JoblogError):
    """Partitions were not closed in time.

    Attributes:
        partitions: all that were to be closed.
        seconds: how long they were given.
    """

    def __init__(self, partitions: tuple[int, ...], seconds: float) -> None:
        self.partitions = partitions
        self.seconds = seconds
        super().__init__(
            f"partitions {', '.join(map(str, partitions))} were not closed within {seconds:g} s, and "
            "their next owner may be at work: this process has to end; raise "
            "scheduler.revoke_wait_ms or scheduler.shutdown_grace_ms if this happens often"
        )


class PartitionEndedError(JoblogError):
    """The task of a partition ended though nothing asked it to.

    Attributes:
        partition: the partition.
    """

    def __init__(self, partition: int) -> None:
        self.partition = partition
        super().__init__(
            f"the task of partition {partition} was cancelled from within: its owner must not raise "
            "CancelledError; report this as a bug of joblog"
        )


class ShutdownTimeoutError(JoblogError):
    """The process was asked to end and did not.

    Attributes:
        seconds: how long it was given.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"not ended within {seconds:g} s: the process ends at once, and what was not acknowledged "
            "is folded again by the next owner"
        )
