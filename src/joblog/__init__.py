"""Background jobs as an append-only log on Apache Kafka."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from joblog.client import (
        Client,
        ClientClosedError,
        EventLoopRunsError,
        Job,
        JobNotFoundError,
        JobNotSucceededError,
        JobTimeoutError,
        Options,
        ResultUnreadableError,
        SchedulerUnavailableError,
        Submission,
        SubmissionRefusedError,
        Submitted,
        SyncClient,
        UnconfirmedError,
    )
    from joblog.lifecycle.states import Status
    from joblog.processors.worker.context import Context
    from joblog.processors.worker.errors import HandlerError
    from joblog.processors.worker.registry import Registry, job, middleware, resource
    from joblog.processors.worker.scope.errors import ResourceFailedError, ScopeError
    from joblog.processors.worker.verdicts import Fatal, JobCancelledError, RetryAfter
    from joblog.schemas.errors import ConflictingSchemaError, JoblogError
    from joblog.schemas.models import Failure, RetryPolicy
    from joblog.schemas.payloads import PayloadRejectedError, PayloadTypeError
    from joblog.streams.errors import (
        KafkaUnavailableError,
        RecordTooLargeError,
        SettingsError,
        TopicMismatchError,
        TopicMissingError,
    )
    from joblog.streams.settings import Settings

__all__ = [
    "Client",
    "ClientClosedError",
    "ConflictingSchemaError",
    "Context",
    "EventLoopRunsError",
    "Failure",
    "Fatal",
    "HandlerError",
    "Job",
    "JobCancelledError",
    "JobNotFoundError",
    "JobNotSucceededError",
    "JobTimeoutError",
    "JoblogError",
    "KafkaUnavailableError",
    "Options",
    "PayloadRejectedError",
    "PayloadTypeError",
    "RecordTooLargeError",
    "Registry",
    "ResourceFailedError",
    "ResultUnreadableError",
    "RetryAfter",
    "RetryPolicy",
    "SchedulerUnavailableError",
    "ScopeError",
    "Settings",
    "SettingsError",
    "Status",
    "Submission",
    "SubmissionRefusedError",
    "Submitted",
    "SyncClient",
    "TopicMismatchError",
    "TopicMissingError",
    "UnconfirmedError",
    "job",
    "middleware",
    "resource",
]

_ELSEWHERE: Final = {
    "ConflictingSchemaError": "joblog.schemas.errors",
    "Context": "joblog.processors.worker.context",
    "Failure": "joblog.schemas.models",
    "Fatal": "joblog.processors.worker.verdicts",
    "HandlerError": "joblog.processors.worker.errors",
    "JobCancelledError": "joblog.processors.worker.verdicts",
    "JoblogError": "joblog.schemas.errors",
    "KafkaUnavailableError": "joblog.streams.errors",
    "PayloadRejectedError": "joblog.schemas.payloads",
    "PayloadTypeError": "joblog.schemas.payloads",
    "RecordTooLargeError": "joblog.streams.errors",
    "Registry": "joblog.processors.worker.registry",
    "ResourceFailedError": "joblog.processors.worker.scope.errors",
    "RetryAfter": "joblog.processors.worker.verdicts",
    "RetryPolicy": "joblog.schemas.models",
    "ScopeError": "joblog.processors.worker.scope.errors",
    "Settings": "joblog.streams.settings",
    "SettingsError": "joblog.streams.errors",
    "Status": "joblog.lifecycle.states",
    "TopicMismatchError": "joblog.streams.errors",
    "TopicMissingError": "joblog.streams.errors",
    "job": "joblog.processors.worker.registry",
    "middleware": "joblog.processors.worker.registry",
    "resource": "joblog.processors.worker.registry",
}
"""Where names come from, if not from the client."""


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for: to import one layer must not import those above it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_ELSEWHERE.get(name, "joblog.client")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
