"""What keeps records from travelling. Each message holds the value, the rule and the fix."""

from collections.abc import Sequence
from typing import NamedTuple

from joblog.schemas.errors import JoblogError


class SettingProblem(NamedTuple):
    """One setting that makes no sense.

    Attributes:
        name: the setting, such as ``worker.lease_ms``.
        environment: its environment variable, such as ``JOBLOG_WORKER__LEASE_MS``.
        value: the refused value as text; ``**********`` if it is a secret or may be one.
        allowed: what is allowed.
    """

    name: str
    environment: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.name}={self.value} is refused ({self.environment}). Allowed: {self.allowed}"


class SettingsError(JoblogError):
    """Settings make no sense; nothing was started.

    Attributes:
        problems: each setting that was refused.
    """

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class KafkaUnavailableError(JoblogError):
    """No broker answers, or none lets this client in.

    Attributes:
        bootstrap_servers: where Kafka was looked for.
        reason: what the client says.
    """

    def __init__(self, bootstrap_servers: str, reason: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.reason = reason
        super().__init__(self._message())

    def _message(self) -> str:
        return (
            f"no Kafka at {self.bootstrap_servers} ({self.reason}): start a broker (joblog broker), or set "
            "JOBLOG_BOOTSTRAP_SERVERS to one that this machine reaches, and its SASL and TLS settings"
        )


class AccessDeniedError(KafkaUnavailableError):
    """A Kafka cluster answers, but does not let this client do what it has to.

    Attributes:
        bootstrap_servers: where the cluster is.
        reason: what Kafka says, and of what.
    """

    def _message(self) -> str:
        return (
            f"Kafka at {self.bootstrap_servers} does not allow it ({self.reason}): give whoever logs in here "
            "(JOBLOG_SASL_USERNAME, or a client certificate) the ACLs of its role, see joblog topics plan"
        )


class NoAuthorizerError(JoblogError):
    """ACLs were to be read or given on a cluster that has none.

    Attributes:
        bootstrap_servers: where the cluster is.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        super().__init__(
            f"Kafka at {bootstrap_servers} has no authorizer, so everybody may do everything and ACLs cannot be "
            "kept: name no principals, or configure authorizer.class.name on its brokers and controllers first"
        )


class PublishError(JoblogError):
    """Records were not acknowledged; any of them may have been written all the same.

    Attributes:
        topics: the topics they were for.
        records: how many there were.
        reason: what Kafka or its client says.
    """

    def __init__(self, topics: Sequence[str], records: int, reason: str) -> None:
        self.topics = tuple(topics)
        self.records = records
        self.reason = reason
        super().__init__(
            f"not all of {records} records for {', '.join(self.topics)} were acknowledged ({reason}): "
            "this process may commit nothing more; end it and start it again, so that it repeats them"
        )


class RecordTooLargeError(JoblogError):
    """A record is larger than its topic takes; nothing was sent.

    Attributes:
        topic: where it was to go.
        size: bytes of its key, value and headers.
        limit: most bytes of a record on the topic.
    """

    def __init__(self, topic: str, size: int, limit: int) -> None:
        self.topic = topic
        self.size = size
        self.limit = limit
        super().__init__(
            f"a record of {size} bytes is too large for {topic}, which takes {limit}: keep large data "
            "elsewhere and send where it is, or raise the limits (docs/settings.md) and alter the topic"
        )


class UnknownTopicError(JoblogError):
    """A topic or partition is not on the map of topics.

    Attributes:
        topic: name of the topic.
        partition: the partition, if the topic is known.
    """

    def __init__(self, topic: str, partition: int | None = None) -> None:
        self.topic = topic
        self.partition = partition
        where = topic if partition is None else f"partition {partition} of {topic}"
        super().__init__(
            f"{where} is not on the map of topics: docs/topics.md lists them; namespace, lanes and "
            "partitions have to be the same in all processes of a log"
        )


class TopicMissingError(JoblogError):
    """A topic does not exist.

    Attributes:
        topic: name of the topic.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(
            f"{topic} does not exist, and joblog leaves no topic to auto-creation, which would give it "
            "other partitions and configs: create all of them with joblog topics create"
        )


class LogGoneError(JoblogError):
    """The events topic is no longer the log that this namespace is about.

    Attributes:
        topic: the events topic.
        log_id: the log.
        found: log id of the topic that is there now, None where there is none.
    """

    def __init__(self, topic: str, log_id: str, found: str | None) -> None:
        self.topic = topic
        self.log_id = log_id
        self.found = found
        what = "was deleted" if found is None else f"was made anew, as log {found}"
        super().__init__(
            f"{topic} {what}, and log {log_id} is gone with it: nothing that belongs to one log may be written "
            "to another, so this process ends, and does not start again; restore the topic from a copy of the "
            "brokers' files, or begin a new log in another namespace"
        )


class TopicMadeAnewError(JoblogError):
    """A topic is no longer the one that was read.

    Attributes:
        topic: name of the topic.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(
            f"{topic} was deleted, or made anew: offsets of the former topic mean nothing now, so this process "
            "commits nothing more; start it again, and it begins with the first record that is there"
        )


class TopicNotCreatedError(JoblogError):
    """Kafka refuses to create a topic.

    Attributes:
        topic: name of the topic.
        reason: what Kafka says.
    """

    def __init__(self, topic: str, reason: str) -> None:
        self.topic = topic
        self.reason = reason
        super().__init__(
            f"Kafka does not create {topic} ({reason}): mend what it names, often the replication factor, "
            "which cannot exceed the brokers, or the right to create topics; then start again"
        )


class TopicMismatchError(JoblogError):
    """A topic is not as the map of topics says.

    Attributes:
        topic: name of the topic.
        config: what differs: ``partitions``, or the name of a topic config of Kafka.
        found: its value in Kafka.
        expected: what it has to be.
        fix: what to do.
    """

    def __init__(self, topic: str, config: str, found: str, expected: str, fix: str) -> None:
        self.topic = topic
        self.config = config
        self.found = found
        self.expected = expected
        self.fix = fix
        super().__init__(f"{topic} has {config}={found} and has to have {expected}: {fix}")


class LogMismatchError(JoblogError):
    """A partition of the events topic says that it belongs to another log.

    Attributes:
        topic: the events topic.
        partition: the partition.
        found: the log id in its first record.
        expected: the topic's log id.
    """

    def __init__(self, topic: str, partition: int, found: str, expected: str) -> None:
        self.topic = topic
        self.partition = partition
        self.found = found
        self.expected = expected
        super().__init__(
            f"partition {partition} of {topic} was opened for log {found}, but the topic is log "
            f"{expected}, and offsets of one log mean nothing in another: its records were copied here; "
            "replay them into new topics instead"
        )
