"""What ends a delay service. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class StopTimeoutError(JoblogError):
    """The delay service was asked to stop, and what it had written was not acknowledged in time.

    Attributes:
        seconds: how long it waited.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"not everything was acknowledged and committed within {seconds:g} s after the request to "
            "stop: it will be repeated; raise delays.shutdown_grace_ms if brokers are often this slow"
        )
