"""Background jobs as an append-only log on Apache Kafka."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from joblog.client import (
        Client,
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
    from joblog.processors.worker.registry import Registry, job, middleware, resource
    from joblog.processors.worker.verdicts import Fatal, JobCancelledError, RetryAfter
    from joblog.schemas.errors import JoblogError
    from joblog.schemas.models import Failure, RetryPolicy
    from joblog.streams.settings import Settings

__all__ = [
    "Client",
    "Context",
    "EventLoopRunsError",
    "Failure",
    "Fatal",
    "Job",
    "JobCancelledError",
    "JobNotFoundError",
    "JobNotSucceededError",
    "JobTimeoutError",
    "JoblogError",
    "Options",
    "Registry",
    "ResultUnreadableError",
    "RetryAfter",
    "RetryPolicy",
    "SchedulerUnavailableError",
    "Settings",
    "Status",
    "Submission",
    "SubmissionRefusedError",
    "Submitted",
    "SyncClient",
    "UnconfirmedError",
    "job",
    "middleware",
    "resource",
]

_ELSEWHERE: Final = {
    "Context": "joblog.processors.worker.context",
    "Failure": "joblog.schemas.models",
    "Fatal": "joblog.processors.worker.verdicts",
    "JobCancelledError": "joblog.processors.worker.verdicts",
    "JoblogError": "joblog.schemas.errors",
    "Registry": "joblog.processors.worker.registry",
    "RetryAfter": "joblog.processors.worker.verdicts",
    "RetryPolicy": "joblog.schemas.models",
    "Settings": "joblog.streams.settings",
    "Status": "joblog.lifecycle.states",
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
