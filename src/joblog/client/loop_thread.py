"""An event loop in a thread of its own, for callers that have none."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from joblog.client.errors import ClientClosedError

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for any thread but its own.

    Args:
        name: name of the thread, which does not keep the process from ending.
    """

    def __init__(self, name: str) -> None:
        self._beginning = threading.Lock()
        self._stopped = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Let a coroutine run, and return its future.

        Raises:
            ClientClosedError: the thread is stopped; the coroutine does not run.
        """
        with self._beginning:
            if self._stopped:
                coroutine.close()
                raise ClientClosedError
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return its result; what interrupts the caller cancels it.

        Raises:
            ClientClosedError: the thread was stopped before the coroutine had ended.
        """
        future = self.begin(coroutine)
        try:
            return future.result()
        except CancelledError as error:
            raise ClientClosedError from error
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the loop and its thread, and all that still runs there."""
        with self._beginning:
            self._stopped = True
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_all() -> None:
    """Cancel all that runs in this loop but this, and wait for its end."""
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
