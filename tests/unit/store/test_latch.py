"""A store that has failed stays shut."""

import asyncio

import pytest

from joblog.streams.store import FencedError, StoreFailedError, StoreNotOpenError
from joblog.streams.store.latch import Latch

FENCED = FencedError(3, "ns-state-3")


def test_it_opens_and_closes() -> None:
    latch = Latch(3)
    with pytest.raises(StoreNotOpenError) as refused:
        latch.check()
    assert refused.value.partition == 3
    latch.open()
    latch.check()
    latch.close()
    with pytest.raises(StoreNotOpenError):
        latch.check()


@pytest.mark.parametrize(
    ("failure", "raised", "refusal"),
    [
        (FENCED, FencedError, FencedError),
        (OSError("no space"), StoreFailedError, StoreFailedError),
        (asyncio.CancelledError(), asyncio.CancelledError, StoreFailedError),
    ],
    ids=["fenced", "failed", "cancelled"],
)
def test_after_a_failure_it_never_opens_again(
    failure: BaseException, raised: type[BaseException], refusal: type[Exception]
) -> None:
    latch = Latch(3)
    latch.open()
    with pytest.raises(raised), latch.shut_by_failure():
        raise failure
    with pytest.raises(refusal):
        latch.check()
    latch.close()
    with pytest.raises(refusal):
        latch.check()
    with pytest.raises(refusal):
        latch.open()


def test_without_a_failure_it_stays_open() -> None:
    latch = Latch(3)
    latch.open()
    with latch.shut_by_failure():
        pass
    latch.check()
