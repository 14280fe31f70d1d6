"""What a job's submission and its type say together."""

from joblog.lifecycle.retry import within
from joblog.schemas.models import JobSubmitted, RetryPolicy, TypeAnnounced


def policy_of(submission: JobSubmitted, type_: TypeAnnounced | None) -> RetryPolicy:
    """Return the submission's retry policy within its type's maximum, else the type's."""
    if type_ is None:
        return submission.retry_policy or RetryPolicy()
    if submission.retry_policy is None:
        return type_.retry_policy
    return within(submission.retry_policy, type_.maximum_retry_policy)


def timeout_of(submission: JobSubmitted, type_: TypeAnnounced | None) -> int | None:
    """Return the shorter of the submission's and the type's timeout in ms, None where neither has one."""
    limits = (submission.timeout_ms, None if type_ is None else type_.timeout_ms)
    return min((limit for limit in limits if limit is not None), default=None)
