"""What cannot be done with a dead letter. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class DeadLetterNotFoundError(JoblogError):
    """There is no such dead letter, or nothing is left to be done about it.

    Attributes:
        reference: what was asked for: a job id, or `<partition>@<offset>`.
    """

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(
            f"there is no open dead letter {reference!r}: it was redriven or discarded before, or never was "
            "one; name it by its job id or by <partition>@<offset>, as joblog dlq list shows open ones, and "
            "list --history all"
        )


class NoJobError(JoblogError):
    """A dead letter is no job's, so it cannot be discarded.

    Attributes:
        reference: `<partition>@<offset>` of the dead letter.
    """

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(
            f"dead letter {reference} is a record's and no job's: only a job can be marked as dealt with; redrive "
            "it once the log can read it, or leave it"
        )


class OriginalGoneError(JoblogError):
    """A dead letter was too large to hold its original, and the log has it no longer.

    Attributes:
        topic: topic of the original.
        partition: its partition.
        offset: its offset.
    """

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        self.topic = topic
        self.partition = partition
        self.offset = offset
        super().__init__(
            f"the original at {topic}/{partition}@{offset} was too large for its dead letter and is no longer in "
            "the log: have its producer send it again"
        )
