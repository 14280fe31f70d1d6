"""Whether and when a failed attempt is repeated."""

from hashlib import blake2b
from typing import Final

from joblog.schemas.models import RetryPolicy

_SPREAD: Final = 2**64


def within(policy: RetryPolicy, maximum: RetryPolicy | None) -> RetryPolicy:
    """Return a submission's policy, held to its type's maximum of attempts, delay and elapsed time."""
    if maximum is None:
        return policy
    elapsed = [
        limit for limit in (policy.max_elapsed_ms, maximum.max_elapsed_ms) if limit is not None
    ]
    return policy.model_copy(
        update={
            "max_attempts": min(policy.max_attempts, maximum.max_attempts),
            "max_delay_ms": min(policy.max_delay_ms, maximum.max_delay_ms),
            "max_elapsed_ms": min(elapsed, default=None),
        }
    )


def delay_ms(policy: RetryPolicy, failures: int, seed: str) -> int:
    """Return the delay in ms after a job's `failures`-th failure (from 1).

    The jitter shortens the delay by up to its share of it; the seed (job and attempt) alone decides by
    how much, so that a repeated decision is equal.
    """
    delay = min(_grown(policy, failures), float(policy.max_delay_ms))
    digest = blake2b(seed.encode(), digest_size=8).digest()
    share = int.from_bytes(digest, "big") / _SPREAD
    return int(delay * (1 - policy.jitter * share))


def _grown(policy: RetryPolicy, failures: int) -> float:
    delay = float(policy.initial_delay_ms)
    if policy.backoff == "fixed" or policy.multiplier == 1:
        return delay
    # Multiplied step by step: IEEE 754 fixes each product, but not the result of a power function.
    for _ in range(failures - 1):
        if delay >= policy.max_delay_ms:
            break
        delay *= policy.multiplier
    return delay
