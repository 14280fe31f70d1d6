"""What came of a run, as it is stored."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from tests.chaos.plan import Step


@dataclass(frozen=True)
class Done:
    """A fault that was done.

    Attributes:
        step: as planned.
        begin_ms: when it began, ms since the Unix epoch.
        end_ms: when it had ended.
        recovered_ms: how long after its end, or after its beginning where it ends at once, a job that was
            dispatched after that had succeeded; None: no job did.
    """

    step: Step
    begin_ms: int
    end_ms: int
    recovered_ms: int | None = None


@dataclass(frozen=True)
class Outcome:
    """A run.

    Attributes:
        seed: its seed.
        seconds: how long it took, all in all.
        acknowledged: jobs that Kafka acknowledged.
        unconfirmed: jobs and records that it may have or not.
        garbage: records that were none.
        done: the faults.
        restarts: how often each process was started again.
        violations: rule and detail of each; empty for a run that is sound.
    """

    seed: int
    seconds: float
    acknowledged: int
    unconfirmed: int
    garbage: int
    done: list[Done]
    restarts: dict[str, int]
    violations: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)

    @classmethod
    def of_json(cls, fields: dict[str, Any]) -> Self:
        """Return the outcome that was stored."""
        done = [Done(**{**one, "step": Step(*one["step"])}) for one in fields["done"]]
        return cls(**{**fields, "done": done})
