"""How an attempt can end, as far as its worker knows."""

from typing import NamedTuple

from joblog.schemas.models import Failure


class Succeeded(NamedTuple):
    """The handler returned.

    Attributes:
        result: Avro body of what it returned, None for None.
        schema: fingerprint of its schema.
    """

    result: bytes | None = None
    schema: bytes | None = None


class Failed(NamedTuple):
    """The attempt failed and is charged.

    Attributes:
        failure: why.
        retry_after_ms: the handler's wish, instead of the policy's delay.
    """

    failure: Failure
    retry_after_ms: int | None = None


class Cancelled(NamedTuple):
    """The attempt was stopped, or not begun, since its job is to be cancelled."""


class Released(NamedTuple):
    """The worker gives the attempt back; it is not charged.

    Attributes:
        reason: why: `deadline`, `rebalance` or `shutdown`.
    """

    reason: str


Outcome = Succeeded | Failed | Cancelled | Released


def name_of(outcome: Outcome) -> str:
    """Return a word for metrics: a failure's kind, or what the outcome is."""
    match outcome:
        case Succeeded():
            return "succeeded"
        case Failed(failure=failure):
            return failure.kind
        case Cancelled():
            return "cancelled"
        case Released():
            return "released"
