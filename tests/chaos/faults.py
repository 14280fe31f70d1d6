"""The kinds of faults: whom they befall, for how long, and what they explain."""

from typing import Final, Literal, NamedTuple

from tests.history.faults import FaultKind

Target = Literal["worker", "scheduler", "delays", "client", ""]
Patience = Literal["short", "default"]

AT_ONCE: Final = (0.0, 0.0)
SHORT_ONLY: Final = frozenset({"short"})
ANY: Final = frozenset({"short", "default"})


class FaultPlan(NamedTuple):
    """A kind of fault.

    Attributes:
        name: its name, in results and in `tests/chaos/doing`.
        target: the role whose process or connections it befalls; empty where it is of none.
        seconds: least and most time that it lasts.
        weight: how often it is chosen, beside others.
        brokers: how many brokers it needs.
        patience: runs in which it makes sense: what is to outlast a session of joblog's default takes too long.
        explains: as what it may explain that an attempt is lost, runs twice or starts late; None: it may not.
        lingers: it goes on until the run ends: jobs that do harm are tried again.
    """

    name: str
    target: Target = ""
    seconds: tuple[float, float] = AT_ONCE
    weight: float = 1.0
    brokers: int = 1
    patience: frozenset[str] = ANY
    explains: FaultKind | None = None
    lingers: bool = False

    @property
    def title(self) -> str:
        """Its name, with its target where it has one."""
        return f"{self.name} {self.target}".strip()


KILLED: Final = FaultKind.WORKER_KILLED
STOPPED: Final = FaultKind.WORKER_STOPPED
UNREACHABLE: Final = FaultKind.BROKER_UNREACHABLE


def _connection(name: str, seconds: tuple[float, float], target: Target) -> FaultPlan:
    return FaultPlan(name, target, seconds, explains=UNREACHABLE if target == "worker" else None)


FAULTS: Final = (
    # Processes
    FaultPlan("kill", "worker", weight=2, explains=KILLED),
    FaultPlan("kill", "scheduler", weight=2),
    FaultPlan("kill", "delays"),
    FaultPlan("stop", "worker", (8.0, 12.0), patience=SHORT_ONLY, explains=STOPPED),
    FaultPlan("stop", "scheduler", (8.0, 12.0), patience=SHORT_ONLY),
    FaultPlan("stop", "delays", (8.0, 12.0), patience=SHORT_ONLY),
    FaultPlan("rebalance_storm", "worker", (6.0, 10.0)),
    # Brokers
    FaultPlan("broker_killed", weight=2, explains=UNREACHABLE),
    FaultPlan("broker_restarted", explains=UNREACHABLE),
    FaultPlan("broker_stopped", "", (2.0, 6.0), explains=UNREACHABLE),
    FaultPlan("broker_gone", "", (4.0, 10.0), brokers=3, weight=2, explains=UNREACHABLE),
    FaultPlan("leaders_move", "", (0.5, 1.0), brokers=3, explains=UNREACHABLE),
    FaultPlan("not_enough_replicas", "", (4.0, 10.0), brokers=3, explains=UNREACHABLE),
    # Connections, each between one role and the brokers
    *(
        _connection(name, seconds, role)
        for name, seconds in (
            ("cut", AT_ONCE),
            ("slow", (4.0, 8.0)),
            ("stall", (4.0, 10.0)),
            ("half_open", (4.0, 10.0)),
        )
        for role in ("worker", "scheduler", "delays", "client")
    ),
    # The scheduler's disk
    FaultPlan("disk_full", "scheduler", (3.0, 6.0)),
    FaultPlan("disk_read_only", "scheduler", (3.0, 6.0)),
    FaultPlan("store_corrupted", "scheduler"),
    FaultPlan("store_deleted", "scheduler"),
    # Clocks
    *(
        FaultPlan(name, role, (3.0, 6.0))
        for name in ("clock_ahead", "clock_behind")
        for role in ("worker", "scheduler", "delays")
    ),
    # Jobs
    FaultPlan("segfaults", explains=KILLED, lingers=True),
    FaultPlan("memory_eaters", explains=KILLED, lingers=True),
    FaultPlan("never_return"),
    FaultPlan("block_the_loop", "", (4.0, 6.0), explains=STOPPED, lingers=True),
    # Topics
    FaultPlan("work_topic_deleted", "", (12.0, 14.0), explains=FaultKind.TOPIC_DELETED),
    FaultPlan("delay_topic_deleted", "", (12.0, 14.0), explains=FaultKind.TOPIC_DELETED),
)

_BY_TITLE: Final = {fault.title: fault for fault in FAULTS}


def fault_of(name: str, target: str) -> FaultPlan:
    """Return the kind of a fault by its name, and the name of the process that it befalls."""
    return _BY_TITLE[f"{name} {target.partition('-')[0]}".strip()]
