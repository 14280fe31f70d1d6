"""Jobs whose handlers harm whoever runs them."""

import asyncio

from tests.chaos.ground.field import Field
from tests.chaos.plan import Step


async def segfaults(field: Field, step: Step) -> None:
    """Crash workers, and the processes in which they run handlers."""
    del step
    await field.load.submit(field.client, ["segfault", "segfault_apart"])


async def memory_eaters(field: Field, step: Step) -> None:
    """Have a handler take memory until its worker is killed for it, at each of its attempts."""
    del step
    await field.load.submit(field.client, ["eater"])


async def never_return(field: Field, step: Step) -> None:
    """Have handlers run into their time limit."""
    del step
    await field.load.submit(field.client, ["endless", "endless_apart"] * 2)


async def block_the_loop(field: Field, step: Step) -> None:
    """Have a handler stop the event loop of its worker, for longer than a lease."""
    await field.load.submit(field.client, ["hog"], round(step.seconds))
    await asyncio.sleep(step.seconds)
