"""What keeps the surroundings of handlers from being there. Each message holds the value, the rule and the fix."""

from joblog.schemas.errors import JoblogError


class ScopeError(JoblogError):
    """A function cannot be a resource or a middleware as it is declared.

    Attributes:
        function: its name, with its module.
        detail: what is wrong, and the fix.
    """

    def __init__(self, function: str, detail: str) -> None:
        self.function = function
        self.detail = detail
        super().__init__(f"{function} is refused: {detail}")


class ResourceFailedError(JoblogError):
    """A resource could not be opened or closed, or ended by itself.

    What else failed on the way out is in its notes.

    Attributes:
        resource: name of its function, with its module.
        step: `open`, `hold` or `close`.
        reason: what it raised.
    """

    def __init__(self, resource: str, step: str, reason: str) -> None:
        self.resource = resource
        self.step = step
        self.reason = reason
        super().__init__(
            f"the resource {resource} did not {step}: {reason}; mend what it needs, then start the worker again"
        )
