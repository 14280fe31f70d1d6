"""What becomes of submissions that wait for a connection when their client is closed."""

import asyncio

import pytest

from joblog import ClientClosedError, Settings
from joblog.client import sender
from joblog.client.sender import Sender

SECONDS = 20.0


class SilentPublisher:
    """Connects for ever."""

    def __init__(self, _settings: Settings) -> None:
        pass

    async def start(self) -> None:
        await asyncio.Event().wait()


async def test_nobody_waits_for_a_connection_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "KafkaPublisher", SilentPublisher)
    sending = Sender(Settings())
    waiting = [asyncio.create_task(sending.send([])) for _ in range(3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(SECONDS):
        await sending.stop()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(end) for end in ends] == [ClientClosedError] * 3
