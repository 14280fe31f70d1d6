"""The connections of a role to the brokers."""

import asyncio
from typing import Final

from tests.chaos.ground.field import Field
from tests.chaos.ground.services import role_of
from tests.chaos.plan import Step

BOTH: Final = ("upstream", "downstream")
CUT_SECONDS: Final = 0.2
SLOW: Final = {"latency": 150, "jitter": 100}
"""ms in each direction."""

FOR_EVER: Final = {"timeout": 0}


async def cut(field: Field, step: Step) -> None:
    """Close all connections."""
    await field.proxies.cut(role_of(step.target))
    await asyncio.sleep(step.seconds or CUT_SECONDS)
    await field.proxies.join(role_of(step.target))


async def slow(field: Field, step: Step) -> None:
    """Have each packet take its time."""
    for stream in BOTH:
        await field.proxies.disturb(role_of(step.target), "latency", stream, SLOW)
    await asyncio.sleep(step.seconds)
    for stream in BOTH:
        await field.proxies.calm(role_of(step.target), "latency", stream)


async def stall(field: Field, step: Step) -> None:
    """Let nothing pass, in connections that stay open."""
    for stream in BOTH:
        await field.proxies.disturb(role_of(step.target), "timeout", stream, FOR_EVER)
    await asyncio.sleep(step.seconds)
    for stream in BOTH:
        await field.proxies.calm(role_of(step.target), "timeout", stream)


async def half_open(field: Field, step: Step) -> None:
    """Let requests pass, but no answers."""
    await field.proxies.disturb(role_of(step.target), "timeout", "downstream", FOR_EVER)
    await asyncio.sleep(step.seconds)
    await field.proxies.calm(role_of(step.target), "timeout", "downstream")
