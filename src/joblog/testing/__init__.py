"""Tests of handlers, retries, delays and whole flows, in memory and under a virtual clock."""

from joblog.testing.client import MemoryClient
from joblog.testing.sync import SyncMemoryClient

__all__ = ["MemoryClient", "SyncMemoryClient"]
