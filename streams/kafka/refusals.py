"""Changes of a cluster that a broker refuses. Each message holds the value, the rule and the fix."""

from collections.abc import Sequence

from aiokafka.errors import for_code

from joblog.schemas.errors import JoblogError
from joblog.streams.acls import Grant
from joblog.streams.kafka.client import DENIALS


class ConfigRefusedError(JoblogError):
    """Kafka refuses to change configs of a topic; others may have been changed.

    Attributes:
        topic: name of the topic.
        configs: each config as `name=value`; one of them is refused.
        code: Kafka's number of the error.
        reason: what Kafka says.
    """

    def __init__(self, topic: str, configs: Sequence[str], code: int, reason: str | None) -> None:
        self.topic = topic
        self.configs = tuple(configs)
        self.code = code
        self.reason = reason or "it gives no reason"
        super().__init__(
            f"Kafka does not change {topic} to {', '.join(configs)} ({_named(code)}: {self.reason}): mend what it "
            "names, often a limit or a policy of the brokers; then joblog topics apply again, which makes what is "
            "still missing"
        )


class GrantRefusedError(JoblogError):
    """Kafka refuses to give a right; others may have been given.

    Attributes:
        grant: the right.
        code: Kafka's number of the error.
        reason: what Kafka says.
    """

    def __init__(self, grant: Grant, code: int, reason: str | None) -> None:
        self.grant = grant
        self.code = code
        self.reason = reason or "it gives no reason"
        resource = grant.resource
        super().__init__(
            f"Kafka does not allow {grant.principal} {grant.operation} of {resource.pattern} {resource.type} "
            f"{resource.name!r} ({_named(code)}: {self.reason}): mend what it names, often the form of a "
            "principal; then joblog topics apply again, which gives what is still missing"
        )


def is_denial(code: int) -> bool:
    """Return whether an error says that this client has not the right to ask for it."""
    return issubclass(for_code(code), DENIALS)


def _named(code: int) -> str:
    return f"{for_code(code).__name__}, {code}"
