"""What an aiokafka consumer has fetched, handed over in as few turns of the event loop as possible.

Under light load each record comes in a fetch of its own, so what a fetch costs is what a record costs.
"""

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError


def hand_over_at_once(consumer: AIOKafkaConsumer) -> None:
    """Let a started consumer wake whoever waits for records while it takes in a fetch.

    aiokafka's fetching routine wakes them two turns later, when it has looked once at all partitions in
    vain: none is fetched again before its records were taken. So it looks when they are.
    """
    fetcher: Any = consumer._fetcher  # noqa: SLF001 - no public way
    take_in = fetcher._proc_fetch_request  # noqa: SLF001 - as above

    async def take_in_and_wake(assignment: Any, node_id: Any, request: Any) -> bool:  # noqa: ANN401 - aiokafka's
        if await take_in(assignment, node_id, request):
            for waiter in fetcher._fetch_waiters:  # noqa: SLF001 - as above
                fetcher._notify(waiter)  # noqa: SLF001 - as above
        return False  # nobody is to be woken again: by then others may wait, for the next fetch

    fetcher._proc_fetch_request = take_in_and_wake  # noqa: SLF001 - as above


async def arrival(consumer: AIOKafkaConsumer, timeout: float) -> None:
    """Wait until something was fetched, or for ``timeout`` seconds.

    Raises:
        KafkaError: the membership in the group has failed for good.
    """
    within: Any = consumer
    within._coordinator.check_errors()  # noqa: SLF001 - no public way
    waiter: asyncio.Future[None] = within._fetcher._create_fetch_waiter()  # noqa: SLF001 - as above
    timer = asyncio.get_running_loop().call_later(timeout, _end, waiter)
    try:
        with suppress(KafkaError):  # it is raised above, next time
            await waiter
    finally:
        timer.cancel()


def _end(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
