"""Fixtures for users' tests; pytest finds them where joblog is installed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # else every run of pytest would import Kafka's client, joblog or not
    from joblog import Registry
    from joblog.testing import SyncMemoryClient


@pytest.fixture
def joblog_handlers() -> "Registry":
    """Return the handlers of `memory_joblog`: all that are declared; override it to choose others."""
    from joblog.processors.worker.registry import HANDLERS  # noqa: PLC0415 - see above

    return HANDLERS


@pytest.fixture
def memory_joblog(joblog_handlers: "Registry") -> "Iterator[SyncMemoryClient]":
    """Return a joblog in memory, under a virtual clock, with nothing in it."""
    from joblog.testing import SyncMemoryClient  # noqa: PLC0415 - see above

    with SyncMemoryClient(joblog_handlers) as client:
        yield client
