"""What ends a scheduler."""

from joblog.schemas.errors import JoblogError


class OutputsUncertainError(JoblogError):
    """Folding or publishing failed before, so what is decided may lack outputs in the log.

    Attributes:
        partition: the partition.
        reason: the failure.
    """

    def __init__(self, partition: int, reason: str) -> None:
        self.partition = partition
        self.reason = reason
        super().__init__(
            f"partition {partition} failed ({reason}), and what was decided is committed only once all its "
            "outputs are acknowledged: end this process and start it again, so that it decides and sends again"
        )
