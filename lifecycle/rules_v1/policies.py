"""What a job's submission and its type say together."""

from joblog.lifecycle.retry import within
from joblog.schemas.models import JobSubmitted, RetryPolicy, TypeAnnounced
from joblog.schemas.state import Opening


def policy_of(submission: JobSubmitted, type_: TypeAnnounced | None) -> RetryPolicy:
    """Return the submission's retry policy within its type's maximum, else the type's."""
    if type_ is None:
        return submission.retry_policy or RetryPolicy()
    if submission.retry_policy is None:
        return type_.retry_policy
    return within(submission.retry_policy, type_.maximum_retry_policy)


def max_attempts_of(opening: Opening, type_: TypeAnnounced | None) -> int:
    """Return how many charged attempts that policy allows."""
    policy = RetryPolicy() if type_ is None else type_.retry_policy
    if opening.max_attempts is None:
        return policy.max_attempts
    if type_ is None or type_.maximum_retry_policy is None:
        return opening.max_attempts
    return min(opening.max_attempts, type_.maximum_retry_policy.max_attempts)


def timeout_of(opening: Opening, type_: TypeAnnounced | None) -> int | None:
    """Return the shorter of the submission's and the type's timeout in ms, None where neither has one."""
    mine, types = opening.timeout_ms, None if type_ is None else type_.timeout_ms
    if mine is None or types is None:
        return types if mine is None else mine
    return min(mine, types)
