"""Brokers that die, stand still, restart and are missing."""

import asyncio
import signal
from collections.abc import Sequence

from tests.chaos.ground.field import Field
from tests.chaos.plan import Step


async def killed(field: Field, step: Step) -> None:
    """End a broker without notice, and start it again."""
    await _away(field, [_last(field)], step.seconds)


async def restarted(field: Field, step: Step) -> None:
    """End a broker in good order, and start it again."""
    node = _last(field)
    await asyncio.to_thread(field.cluster.brokers.stop, node)
    await asyncio.sleep(step.seconds)
    await asyncio.to_thread(field.cluster.brokers.start, node)


async def stopped(field: Field, step: Step) -> None:
    """Have a broker stand still."""
    node = _last(field)
    field.cluster.brokers.signal(node, signal.SIGSTOP)
    try:
        await asyncio.sleep(step.seconds)
    finally:
        field.cluster.brokers.signal(node, signal.SIGCONT)


async def gone(field: Field, step: Step) -> None:
    """One of three is gone for a while."""
    await _away(field, [_last(field)], step.seconds)


async def leaders_move(field: Field, step: Step) -> None:
    """Restart each broker in turn, in good order, as an upgrade does: each hands its leaders over."""
    for node in field.cluster.brokers.alive:
        await asyncio.to_thread(field.cluster.brokers.stop, node)
        await asyncio.to_thread(field.cluster.brokers.start, node)
        await asyncio.sleep(step.seconds)


async def not_enough_replicas(field: Field, step: Step) -> None:
    """Two of three are gone for a while: nothing can be written."""
    await _away(field, field.cluster.brokers.alive[1:], step.seconds)


async def _away(field: Field, nodes: Sequence[int], seconds: float) -> None:
    for node in nodes:
        field.cluster.brokers.kill(node)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(field.cluster.brokers.start, *nodes)


def _last(field: Field) -> int:
    return field.cluster.brokers.alive[-1]
