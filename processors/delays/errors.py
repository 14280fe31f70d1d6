"""What ends a delay service. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class StopTimeoutError(JoblogError):
    """The delay service was asked to stop, and did not in time.

    Attributes:
        seconds: how long it was given.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the delay service was asked to stop and did not within {seconds:g} s: what was not "
            "acknowledged and committed will be repeated; raise delays.shutdown_grace_ms if brokers are "
            "often this slow"
        )
