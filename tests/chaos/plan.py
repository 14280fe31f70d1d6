"""What happens in a run, as a function of its seed alone."""

import random
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from tests.chaos.faults import FAULTS, FaultPlan, Patience

IN_A_ROW: Final = 5
"""Of so many seeds one runs with the sessions and leases that joblog has by default, and one on three brokers."""

LOAD_SECONDS: Final = 20.0
"""How long jobs are submitted, at least."""

QUIET_SECONDS: Final = 3.0
"""Load before the first fault, and after the last one has ended."""


class Step(NamedTuple):
    """A fault at its time.

    Attributes:
        at: seconds since the load began.
        seconds: how long it lasts; 0 for what begins and ends at once.
        fault: what is done.
        target: to whom: the name of a process, or empty where that is the fault's own matter.
    """

    at: float
    seconds: float
    fault: str
    target: str


class Rate(NamedTuple):
    """How much is submitted.

    Attributes:
        jobs: jobs a second.
        garbage: share of further records that are none, 0 to 1.
        burst_at: second at which twenty times as much comes for one second; None for never.
    """

    jobs: int
    garbage: float
    burst_at: float | None


@dataclass(frozen=True)
class Plan:
    """A run.

    Attributes:
        seed: its seed.
        patience: sessions and leases of seconds, or joblog's defaults.
        brokers: one or three.
        workers: worker processes.
        rate: the load.
        seconds: how long the load lasts.
        steps: the faults, by time.
    """

    seed: int
    patience: Patience
    brokers: Literal[1, 3]
    workers: int
    rate: Rate
    seconds: float
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """Return the plan of a seed: the same each time, on each machine."""
        chance = random.Random(seed)
        patience: Patience = "default" if seed % IN_A_ROW == 0 else "short"
        brokers: Literal[1, 3] = 3 if seed % IN_A_ROW == 1 else 1
        workers = chance.choice((2, 3))
        chosen = _chosen(seed, chance, brokers, patience)
        steps = _timed(chance, chosen, workers)
        ends = max(step.at + step.seconds for step in steps) + QUIET_SECONDS
        seconds = max(LOAD_SECONDS, ends)
        burst = chance.uniform(QUIET_SECONDS, seconds - 2) if chance.random() < 0.2 else None
        garbage = 0.3 if chance.random() < 0.2 else 0.0
        rate = Rate(chance.choice((50, 100, 200)), garbage, burst)
        return cls(seed, patience, brokers, workers, rate, seconds, steps)


def _chosen(seed: int, chance: random.Random, brokers: int, patience: Patience) -> list[FaultPlan]:
    """Choose faults by chance, but the first in turn: so many seeds in a row have each of them."""
    possible = [
        fault for fault in FAULTS if fault.brokers <= brokers and patience in fault.patience
    ]
    weights = [fault.weight for fault in possible]
    in_turn = [fault for fault in possible if brokers == 1 or fault.brokers > 1]
    turn = seed if brokers == 1 else seed // IN_A_ROW
    return [
        in_turn[turn % len(in_turn)],
        *chance.choices(possible, weights, k=chance.randint(0, 3)),
    ]


def _timed(chance: random.Random, chosen: list[FaultPlan], workers: int) -> tuple[Step, ...]:
    """Put faults behind each other, so that what follows one of them is seen; now and then two at once."""
    at, steps = QUIET_SECONDS, []
    for fault in chosen:
        seconds = chance.uniform(*fault.seconds)
        targets = (
            [f"worker-{n}" for n in range(workers)] if fault.target == "worker" else [fault.target]
        )
        steps.append(Step(round(at, 2), round(seconds, 2), fault.name, chance.choice(targets)))
        if chance.random() < 0.7:
            at += seconds + chance.uniform(1.0, 4.0)
    return tuple(sorted(steps))
