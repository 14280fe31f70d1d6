"""Whether a store may be used: not before it is open, and never again after a failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from joblog.streams.store.errors import StoreError, StoreFailedError, StoreNotOpenError


class Latch:
    """Opens once; the first failure shuts it for good.

    Args:
        partition: whose store it guards.
    """

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._failure: StoreError | None = None
        self._refusal: StoreError | None = StoreNotOpenError(partition)

    def open(self) -> None:
        """Let the store be used."""
        self.check_failure()
        self._refusal = None

    def close(self) -> None:
        """Refuse use from now on."""
        self._refusal = self._failure or StoreNotOpenError(self._partition)

    def check_failure(self) -> None:
        """Refuse if the store has failed.

        Raises:
            StoreError: the failure.
        """
        if self._failure is not None:
            raise self._failure.with_traceback(None)

    def check(self) -> None:
        """Refuse if the store is not open or has failed.

        Raises:
            StoreError: why.
        """
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)

    @contextmanager
    def shut_by_failure(self) -> Iterator[None]:
        """Shut for good if the body fails in any way, a cancellation too.

        Raises:
            StoreError: the failure.
        """
        try:
            yield
        except StoreError as error:
            self._shut(error)
            raise
        except BaseException as error:
            failure = StoreFailedError(self._partition, repr(error))
            self._shut(failure)
            if isinstance(error, Exception):
                raise failure from error
            raise

    def _shut(self, failure: StoreError) -> None:
        self._failure = self._refusal = failure
