"""Threads that share a client: while it connects, when that fails, and when it is closed meanwhile."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from types import TracebackType
from typing import Self, cast

import pytest

from joblog import Client, ClientClosedError, KafkaUnavailableError
from joblog.client import blocking
from joblog.client.attempt import Attempt
from joblog.client.blocking import Blocking

THREADS = 4
SECONDS = 60.0
AWAY = KafkaUnavailableError("nowhere:9092", "no answer within 40 s")


class FakeClient:
    """Connects when the test says so, or fails then."""

    def __init__(self, outcome: Future[None]) -> None:
        self.is_open = False
        self._outcome = outcome

    async def __aenter__(self) -> Self:
        await asyncio.wrap_future(self._outcome)
        self.is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.is_open = False

    async def answer(self) -> str:
        assert self.is_open
        return "answer"


class Connections:
    """All attempts to connect, and the threads that wait for them."""

    def __init__(self) -> None:
        self.outcomes: list[Future[None]] = []
        self.begun: Queue[Future[None]] = Queue()
        self.waiting = threading.Semaphore(0)
        self.interrupted = False

    def make(self) -> Client:
        outcome: Future[None] = Future()
        self.outcomes.append(outcome)
        self.begun.put(outcome)
        return cast("Client", FakeClient(outcome))

    def next(self, threads: int = 1) -> Future[None]:
        """Wait until so many threads wait for the next attempt, and return what decides it."""
        for _ in range(threads):
            assert self.waiting.acquire(timeout=SECONDS)
        return self.begun.get(timeout=SECONDS)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    connections = Connections()

    class Watched(Attempt[Client]):
        def client(self) -> Client:
            connections.waiting.release()
            if connections.interrupted:
                raise KeyboardInterrupt
            return super().client()

    monkeypatch.setattr(blocking, "Attempt", Watched)
    return connections


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(THREADS) as threads:
        yield threads


@pytest.fixture
def shared(connections: Connections, threads: ThreadPoolExecutor) -> Iterator[Blocking[Client]]:
    del threads  # they end after what they wait for
    shared = Blocking(connections.make)
    yield shared
    shared.close()


def ask(shared: Blocking[Client]) -> str:
    return shared.run(lambda client: cast("FakeClient", client).answer())


def test_threads_that_wait_for_one_connection_share_its_failure(
    shared: Blocking[Client], connections: Connections, threads: ThreadPoolExecutor
) -> None:
    asked = [threads.submit(ask, shared) for _ in range(THREADS)]
    connections.next(THREADS).set_exception(AWAY)
    assert [one.exception(SECONDS) for one in asked] == [AWAY] * THREADS
    assert len(connections.outcomes) == 1

    again = threads.submit(ask, shared)
    connections.next().set_result(None)
    assert again.result(SECONDS) == "answer"


def test_threads_that_wait_for_one_connection_share_it(
    shared: Blocking[Client], connections: Connections, threads: ThreadPoolExecutor
) -> None:
    asked = [threads.submit(ask, shared) for _ in range(THREADS)]
    connections.next(THREADS).set_result(None)
    assert [one.result(SECONDS) for one in asked] == ["answer"] * THREADS
    assert len(connections.outcomes) == 1


def test_a_connection_is_given_up_when_the_client_is_closed(
    shared: Blocking[Client], connections: Connections, threads: ThreadPoolExecutor
) -> None:
    asked = [threads.submit(ask, shared) for _ in range(THREADS)]
    outcome = connections.next(THREADS)
    shared.close()
    for one in asked:
        assert isinstance(one.exception(SECONDS), ClientClosedError)
    assert outcome.cancelled()


def test_a_failure_that_nobody_waited_for_is_not_told_to_the_next(
    shared: Blocking[Client], connections: Connections, threads: ThreadPoolExecutor
) -> None:
    connections.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        ask(shared)
    outcome = connections.next()
    connections.interrupted = False
    failed = shared._attempt  # noqa: SLF001 - nobody else has it
    assert failed is not None
    outcome.set_exception(AWAY)
    with pytest.raises(KafkaUnavailableError):
        Attempt.client(failed)

    asked = threads.submit(ask, shared)
    connections.next().set_result(None)
    assert asked.result(SECONDS) == "answer"


def test_a_client_that_connected_as_it_was_closed_is_disconnected() -> None:
    client = FakeClient(Future())
    client._outcome.set_result(None)  # noqa: SLF001 - it connects at once
    attempt = Attempt(lambda: cast("Client", client))
    attempt.client()
    attempt._client = Future()  # noqa: SLF001 - as if its thread had not been told yet
    attempt.close()
    assert not client.is_open


def test_at_the_end_all_are_closed_though_one_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closing:
        def __init__(self, *, fails: bool) -> None:
            self.closed = False
            self._fails = fails

        def close(self) -> None:
            self.closed = True
            if self._fails:
                raise AWAY

    clients = [Closing(fails=True), Closing(fails=False), Closing(fails=True)]
    monkeypatch.setattr(blocking, "_ALL", clients)
    with pytest.raises(ExceptionGroup) as caught:
        blocking._close_all()  # noqa: SLF001 - what the interpreter calls when it ends
    assert caught.value.exceptions == (AWAY, AWAY)
    assert all(client.closed for client in clients)
