"""How often and how soon a job's type and submission let a failed attempt be repeated."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.history.partition_log import PartitionLog
from tests.history.records import Record

Fields = Mapping[str, Any]


class Policy(NamedTuple):
    """A retry policy in force; fields as in RetryPolicy of the contract."""

    max_attempts: int
    backoff: str
    initial_delay_ms: int
    multiplier: float
    max_delay_ms: int
    jitter: float
    max_elapsed_ms: int | None

    def least_delay_ms(self, failures: int) -> int:
        """Return the shortest delay that jitter may leave after the `failures`-th failure."""
        grown = float(self.initial_delay_ms)
        if self.backoff == "exponential":
            for _ in range(failures - 1):
                grown = min(grown * self.multiplier, float(self.max_delay_ms))
        return int(min(grown, float(self.max_delay_ms)) * (1 - self.jitter))


def policy_at(log: PartitionLog, submission: Record | None, offset: int) -> Policy | None:
    """Return the policy of a job at an offset: the submission's within its type's maximum, else the type's.

    None where the type is not declared: then nothing may be dispatched, so nothing can fail.
    """
    fields: Fields = (
        {} if submission is None or submission.event is None else submission.event.fields
    )
    known = log.announcements.type_at(fields.get("type", ""), offset)
    if known is None:
        return None
    if fields["retry_policy"] is None:
        return Policy(**known["retry_policy"])
    return _within(Policy(**fields["retry_policy"]), known["maximum_retry_policy"])


def _within(policy: Policy, maximum: Fields | None) -> Policy:
    if maximum is None:
        return policy
    elapsed = [
        limit for limit in (policy.max_elapsed_ms, maximum["max_elapsed_ms"]) if limit is not None
    ]
    return policy._replace(
        max_attempts=min(policy.max_attempts, maximum["max_attempts"]),
        max_delay_ms=min(policy.max_delay_ms, maximum["max_delay_ms"]),
        max_elapsed_ms=min(elapsed, default=None),
    )
