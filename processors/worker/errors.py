"""What keeps a worker from starting, and what ends it. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class HandlerError(JoblogError):
    """A function cannot be a handler as it is declared.

    Attributes:
        type: the job type.
        detail: what is wrong, and the fix.
    """

    def __init__(self, type_: str, detail: str) -> None:
        self.type = type_
        self.detail = detail
        super().__init__(f"the handler of {type_!r} is refused: {detail}")


class NoHandlersError(JoblogError):
    """A worker has nothing to run."""

    def __init__(self) -> None:
        super().__init__(
            "the worker has no handlers: name modules that declare some with @job, "
            "such as `joblog worker myapp.jobs`"
        )


class ClaimUnreadableError(JoblogError):
    """A committed claim cannot be read: what its worker had taken on is unknown.

    Attributes:
        place: topic and partition.
        detail: what is wrong with it.
    """

    def __init__(self, place: str, detail: str) -> None:
        self.place = place
        self.detail = detail
        super().__init__(
            f"the claim committed for {place} cannot be read ({detail}): run a worker of the version that "
            "wrote it, or newer; or stop all workers of the lane and reset the group's offset, which "
            "runs again what was not finished"
        )


class ClaimOfOtherLogError(JoblogError):
    """A committed claim belongs to another log: the events topic was made anew, the work topic was not.

    Attributes:
        place: topic and partition.
        found: log id in the claim.
        expected: the log's id.
    """

    def __init__(self, place: str, found: str, expected: str) -> None:
        self.place = place
        self.found = found
        self.expected = expected
        super().__init__(
            f"the claim committed for {place} is of log {found}, but the events topic is log {expected}: "
            "what one log dispatched means nothing in another; delete the work topics too, or use another "
            "namespace"
        )


class WorkGoneError(JoblogError):
    """The records to read next are no longer, or not yet, in the work topic.

    Attributes:
        place: topic and partition, with the offset looked for.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(
            f"{place} is outside of the topic: it was made anew, or records were deleted that no worker had "
            "finished; restore it, or stop all workers of the lane and reset the group's offset"
        )


class RebalancedError(JoblogError):
    """The group has a newer generation: what was to be committed is another worker's now.

    Attributes:
        group: the consumer group.
        generation: the generation that is over.
    """

    def __init__(self, group: str, generation: int) -> None:
        self.group = group
        self.generation = generation
        super().__init__(
            f"generation {generation} of {group} is over: nothing was committed, and nothing may be "
            "retried in another generation"
        )


class PublishingEndedError(JoblogError):
    """Reports are no longer published: nothing may be committed any more."""

    def __init__(self) -> None:
        super().__init__(
            "the worker publishes no reports any more, so it may commit nothing: it has to end; the "
            "failure before this one says why"
        )


class ResultRejectedError(JoblogError):
    """A handler returned what it did not declare, or too much.

    Attributes:
        detail: what is wrong, and the fix.
    """

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the result is refused: {detail}")


class ChildStartError(JoblogError):
    """Child processes end before they begin with a handler.

    Attributes:
        starts: how many did, one after the other.
        exit_code: exit code of the last; negative, the number of the signal that ended it; None where
            not even the process that they are forked from could begin.
    """

    def __init__(self, starts: int, exit_code: int | None) -> None:
        self.starts = starts
        self.exit_code = exit_code
        super().__init__(
            f"{starts} child processes in a row ended before they began with a handler, the last with "
            f"{exit_code}: see what they print; the modules of the handlers "
            "have to be importable in a process of their own"
        )


class StopTimeoutError(JoblogError):
    """A worker was asked to stop, and did not manage to in time.

    Attributes:
        seconds: how long it had.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the worker could not report and commit within {seconds:g} s after the request to stop: what it "
            "had claimed will be reported as lost; raise worker.shutdown_grace_ms if brokers are often "
            "this slow"
        )
