"""A client's attempt to connect, whose outcome all threads share that wait for it."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Generic, TypeVar

from joblog.client.client import Client
from joblog.client.errors import ClientClosedError
from joblog.client.loop_thread import LoopThread

C_co = TypeVar("C_co", bound=Client, covariant=True)


class Attempt(Generic[C_co]):
    """Makes a client in an event loop of its own, and connects it there, whoever waits for that.

    Args:
        make: makes the client.

    Attributes:
        thread: runs the event loop.
    """

    def __init__(self, make: Callable[[], C_co]) -> None:
        self.thread = LoopThread("joblog client")
        self._connected: C_co | None = None
        self._client = self.thread.begin(self._connect(make))

    @property
    def has_failed(self) -> bool:
        """Whether it has come to a bad end."""
        client = self._client
        return client.done() and (client.cancelled() or client.exception() is not None)

    def client(self) -> C_co:
        """Wait for the client, and return it connected; whoever is interrupted meanwhile leaves it to others.

        Raises:
            ClientClosedError: it was closed meanwhile.
            JoblogError: what `Client.__aenter__` raises.
        """
        try:
            return self._client.result()
        except CancelledError as error:
            raise ClientClosedError from error

    def close(self) -> None:
        """Disconnect the client, once all that it sent is acknowledged; or give up to connect it."""
        self._client.cancel()  # without an effect where it has come to its end
        try:
            self.thread.run(self._disconnect())
        finally:
            self.thread.stop()

    async def _connect(self, make: Callable[[], C_co]) -> C_co:
        """Make the client in its event loop, and connect it."""
        self._connected = await make().__aenter__()
        return self._connected

    async def _disconnect(self) -> None:
        if (
            self._connected is not None
        ):  # which is known here, where it is connected, and nowhere else
            await self._connected.__aexit__(None, None, None)
