"""Results that a peer keeps under a key each, in Redis."""

from typing import Any, Final

import redis

AT_ONCE: Final = 10_000
"""Keys that one step of a scan looks at."""


class RedisResults:
    """The results of a peer.

    Args:
        url: where Redis is.
        pattern: what the keys of results look like, as `SCAN` takes it.
    """

    def __init__(self, url: str, pattern: str) -> None:
        self.redis = redis.Redis.from_url(url)
        self._pattern = pattern

    def at_most(self) -> int:
        """Return a number that there are no more results than, without looking at them."""
        return int(self.redis.dbsize())

    def recorded(self) -> int:
        """Return how many results are there."""
        return len(self._keys())

    def values(self) -> list[Any]:
        """Return all results, as they are kept."""
        found: list[Any] = self.redis.mget(self._keys())
        return found

    def _keys(self) -> list[bytes]:
        return list(self.redis.scan_iter(self._pattern, count=AT_ONCE))
