"""What becomes of a thread that waits for an answer when another one closes the client."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from joblog import ClientClosedError, Settings, SyncClient
from joblog.client.announced import Announced
from joblog.client.loop_thread import LoopThread
from tests.unit.sdk.followers import FakeKafka

SECONDS = 60.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.wait("job", timeout=SECONDS),
        lambda client: client.get("job", timeout=SECONDS),
        lambda client: client.result("job", str, timeout=SECONDS),
    ],
    ids=["wait", "get", "result"],
)
def test_a_thread_that_waits_is_told_that_another_closed_the_client(
    kafka: FakeKafka,
    monkeypatch: pytest.MonkeyPatch,
    threads: ThreadPoolExecutor,
    call: Callable[[SyncClient], object],
) -> None:
    waiting, news = threading.Event(), Announced.news

    async def waits(announced: Announced, timeout: float) -> None:
        waiting.set()
        await news(announced, timeout)

    monkeypatch.setattr(Announced, "news", waits)
    client = SyncClient(Settings())
    asked = threads.submit(call, client)
    assert waiting.wait(SECONDS)
    client.close()
    assert isinstance(asked.exception(SECONDS), ClientClosedError)
    assert len(kafka.followers) == 1


def test_what_runs_in_a_loop_that_is_stopped_is_told_so(threads: ThreadPoolExecutor) -> None:
    begun = threading.Event()

    async def waits() -> None:
        begun.set()
        await asyncio.Event().wait()

    thread = LoopThread("test")
    running = threads.submit(lambda: thread.run(waits()))
    assert begun.wait(SECONDS)
    thread.stop()
    assert isinstance(running.exception(SECONDS), ClientClosedError)
    with pytest.raises(ClientClosedError):
        thread.run(waits())
