"""How each fault is done, by its name: begun, kept up for its time, and ended."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from typing import Final

from tests.chaos.doing import brokers, clocks, connections, disks, handlers, processes, topics
from tests.chaos.ground.field import Field
from tests.chaos.ground.services import role_of
from tests.chaos.plan import Step

Doing = Callable[[Field, Step], Awaitable[None]]

DOINGS: Final[Mapping[str, Doing]] = {
    "kill": processes.kill,
    "stop": processes.stop,
    "rebalance_storm": processes.rebalance_storm,
    "broker_killed": brokers.killed,
    "broker_restarted": brokers.restarted,
    "broker_stopped": brokers.stopped,
    "broker_gone": brokers.gone,
    "leaders_move": brokers.leaders_move,
    "not_enough_replicas": brokers.not_enough_replicas,
    "cut": connections.cut,
    "slow": connections.slow,
    "stall": connections.stall,
    "half_open": connections.half_open,
    "disk_full": disks.full,
    "disk_read_only": disks.read_only,
    "store_corrupted": disks.store_corrupted,
    "store_deleted": disks.store_deleted,
    "clock_ahead": clocks.ahead,
    "clock_behind": clocks.behind,
    "segfaults": handlers.segfaults,
    "memory_eaters": handlers.memory_eaters,
    "never_return": handlers.never_return,
    "block_the_loop": handlers.block_the_loop,
    "work_topic_deleted": topics.work_topic_deleted,
    "delay_topic_deleted": topics.delay_topic_deleted,
}
"""Each does its fault from beginning to end."""


ONE_AT_A_TIME: Final = frozenset(
    it.__name__ for it in (brokers, connections, clocks, disks, topics)
)
"""Where a fault cannot begin before a former one of the same kind and target has ended."""


async def do(field: Field, step: Step) -> None:
    """Do a fault.

    Raises:
        KeyError: there is none of this name.
    """
    doing = DOINGS[step.fault]
    turn = field.turn(doing.__module__, role_of(step.target))
    async with turn if doing.__module__ in ONE_AT_A_TIME else nullcontext():
        await doing(field, step)
