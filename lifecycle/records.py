"""A record of the log as decisions see it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

TRACEPARENT = "traceparent"
LENGTHS = 10
"""Bytes of two lengths: of key and value, of a header's name and value; varints of 5 bytes."""

KEY_BYTES = 8_192
"""Most bytes of a key that is kept in a row, passed on, or left in a dead letter without its value.

A job id has 512 characters at most."""

_TRACEPARENT_BYTES = 128
_DERIVED_PREFIX = "ce_"
_DERIVED = frozenset({"content-type", TRACEPARENT})


class Inbound(NamedTuple):
    """A record that was read; `timestamp` is its LogAppendTime in ms since the Unix epoch."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    @property
    def traceparent(self) -> str | None:
        """The W3C trace context; None where there is none or it is longer than any can be."""
        for name, value in self.headers:
            if name == TRACEPARENT and value is not None and len(value) <= _TRACEPARENT_BYTES:
                return value.decode("ascii", "replace")
        return None

    @property
    def headers_size(self) -> int:
        """Bytes of the headers; see `size_of_headers`."""
        return size_of_headers(self.headers)

    @property
    def own_headers(self) -> tuple[tuple[str, bytes | None], ...]:
        """The headers that cannot be derived from the event: all but CloudEvents' and traceparent."""
        return tuple([header for header in self.headers if not _is_derived(header[0])])


def size_of_headers(headers: Iterable[tuple[str, bytes | None]]) -> int:
    """Return the most bytes that headers take: their names, values and lengths."""
    size = 0
    for name, value in headers:
        size += len(name) if name.isascii() else len(name.encode())
        size += len(value or b"") + LENGTHS
    return size


@lru_cache(maxsize=1_024)
def _is_derived(name: str) -> bool:
    return name.startswith(_DERIVED_PREFIX) or name in _DERIVED
