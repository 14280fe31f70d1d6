"""Who waits for records is woken by the fetch that brings them, once."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownMemberIdError

from joblog.streams.kafka.arrivals import arrival, hand_over_at_once

LONG = 60.0


class FakeFetcher:
    """Brings records where it is told to, and has waiters as aiokafka's."""

    def __init__(self) -> None:
        self.brings = True
        self._fetch_waiters: set[asyncio.Future[None]] = set()

    async def _proc_fetch_request(self, *_: object) -> bool:
        return self.brings

    @property
    def waiters(self) -> "set[asyncio.Future[None]]":
        return self._fetch_waiters

    def _create_fetch_waiter(self) -> "asyncio.Future[None]":
        waiter = asyncio.get_running_loop().create_future()
        self._fetch_waiters.add(waiter)
        waiter.add_done_callback(self._fetch_waiters.remove)
        return waiter

    def _notify(self, waiter: "asyncio.Future[None]") -> None:
        if not waiter.done():
            waiter.set_result(None)


def consumer_with(fetcher: FakeFetcher, failure: KafkaError | None = None) -> AIOKafkaConsumer:
    def check_errors() -> None:
        if failure is not None:
            raise failure

    coordinator = SimpleNamespace(check_errors=check_errors)
    return cast("AIOKafkaConsumer", SimpleNamespace(_fetcher=fetcher, _coordinator=coordinator))


async def fetch(fetcher: Any) -> bool:  # noqa: ANN401 - its method is replaced in the instance
    brought: bool = await fetcher._proc_fetch_request(None, 1, None)  # noqa: SLF001 - aiokafka's name
    return brought


async def test_a_fetch_that_brings_records_wakes_who_waits_and_nobody_later() -> None:
    fetcher = FakeFetcher()
    consumer = consumer_with(fetcher)
    hand_over_at_once(consumer)
    waiting = asyncio.create_task(arrival(consumer, LONG))
    await asyncio.sleep(0)
    fetcher.brings = False
    assert not await fetch(fetcher)
    await asyncio.sleep(0)
    assert not waiting.done()
    fetcher.brings = True
    assert not await fetch(fetcher)
    await waiting
    assert not fetcher.waiters


async def test_the_wait_ends_with_its_time() -> None:
    fetcher = FakeFetcher()
    await arrival(consumer_with(fetcher), 0.001)
    assert not fetcher.waiters


async def test_a_lost_membership_ends_the_wait_and_is_raised_by_the_next() -> None:
    fetcher = FakeFetcher()
    waiting = asyncio.create_task(arrival(consumer_with(fetcher), LONG))
    await asyncio.sleep(0)
    next(iter(fetcher.waiters)).set_exception(UnknownMemberIdError())
    await waiting
    with pytest.raises(UnknownMemberIdError):
        await arrival(consumer_with(fetcher, UnknownMemberIdError()), LONG)
