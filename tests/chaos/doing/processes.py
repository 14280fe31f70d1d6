"""Processes that die, stand still, and come and go."""

import asyncio
import signal

from tests.chaos.ground.field import Field
from tests.chaos.ground.services import resend
from tests.chaos.plan import Step

BETWEEN_REBALANCES_SECONDS = 1.5


async def kill(field: Field, step: Step) -> None:
    """End a process and all that it started, without notice."""
    await field.services.signal(step.target, signal.SIGKILL)


async def stop(field: Field, step: Step) -> None:
    """Have a process stand still; what watches over it may end it meanwhile."""
    pid = await field.services.signal(step.target, signal.SIGSTOP)
    try:
        await asyncio.sleep(step.seconds)
    finally:
        resend(pid, signal.SIGCONT)


async def rebalance_storm(field: Field, step: Step) -> None:
    """Have a worker leave its group in good order and come back, again and again."""
    until = asyncio.get_running_loop().time() + step.seconds
    while asyncio.get_running_loop().time() < until:
        await field.services.signal(step.target, signal.SIGTERM)
        await asyncio.sleep(BETWEEN_REBALANCES_SECONDS)
