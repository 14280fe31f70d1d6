"""The SDK's client: submits jobs, and asks about them."""

from joblog.client.client import Client
from joblog.client.errors import (
    ClientClosedError,
    EventLoopRunsError,
    JobNotFoundError,
    JobNotSucceededError,
    JobTimeoutError,
    JsonMismatchError,
    ResultUnreadableError,
    SchedulerUnavailableError,
    SubmissionRefusedError,
    UnconfirmedError,
)
from joblog.client.job import Job, Submitted
from joblog.client.submissions import Options, Submission
from joblog.client.sync import SyncClient

__all__ = [
    "Client",
    "ClientClosedError",
    "EventLoopRunsError",
    "Job",
    "JobNotFoundError",
    "JobNotSucceededError",
    "JobTimeoutError",
    "JsonMismatchError",
    "Options",
    "ResultUnreadableError",
    "SchedulerUnavailableError",
    "Submission",
    "SubmissionRefusedError",
    "Submitted",
    "SyncClient",
    "UnconfirmedError",
]
