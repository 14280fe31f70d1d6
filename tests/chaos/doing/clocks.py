"""Clocks that jump."""

import asyncio
from typing import Final

from tests.chaos.ground.field import Field
from tests.chaos.ground.services import role_of
from tests.chaos.plan import Step

HOURS_SECONDS: Final = 5 * 3_600


async def ahead(field: Field, step: Step) -> None:
    """Put the clock of a role forward by hours, and back after a while."""
    await _jump(field, step, HOURS_SECONDS)


async def behind(field: Field, step: Step) -> None:
    """Put the clock of a role back by hours, and forward after a while."""
    await _jump(field, step, -HOURS_SECONDS)


async def _jump(field: Field, step: Step, seconds: int) -> None:
    clock = field.clocks[role_of(step.target)]
    clock.move(seconds)
    try:
        await asyncio.sleep(step.seconds)
    finally:
        clock.move(0)
