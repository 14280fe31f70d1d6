"""The SDK's client: submits jobs, and asks about them."""

from joblog.client.client import Client
from joblog.client.errors import (
    JobNotFoundError,
    JobTimeoutError,
    JsonMismatchError,
    ResultUnreadableError,
    SchedulerUnavailableError,
    SubmissionRefusedError,
    UnconfirmedError,
)
from joblog.client.job import Job, Submitted
from joblog.client.submissions import Options, Submission

__all__ = [
    "Client",
    "Job",
    "JobNotFoundError",
    "JobTimeoutError",
    "JsonMismatchError",
    "Options",
    "ResultUnreadableError",
    "SchedulerUnavailableError",
    "Submission",
    "SubmissionRefusedError",
    "Submitted",
    "UnconfirmedError",
]
