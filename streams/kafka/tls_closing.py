"""Closing a TLS connection: at once, where uvloop and asyncio wait up to 30 s for a broker's farewell.

aiokafka waits for each of its connections to be closed. The farewell of TLS (close_notify) may never come, and
uvloop misses it where data arrives meanwhile; a scheduler then stands still for half a minute while it takes a
partition over. Nothing is lost without it: by the time aiokafka closes a connection, no answer is waited for.
"""

from typing import Any

from aiokafka.conn import AIOKafkaConnection


def close_tls_at_once() -> None:
    """Have every client of this process close TLS connections without a farewell."""
    AIOKafkaConnection.close = _close  # type: ignore[method-assign]


_closed_by_aiokafka: Any = AIOKafkaConnection.close


def _close(self: AIOKafkaConnection, reason: Any = None, exc: Any = None) -> Any:  # noqa: ANN401 - as aiokafka's
    transport = None if self._writer is None else self._writer.transport
    closed = _closed_by_aiokafka(self, reason, exc)
    if transport is not None and self._ssl_context is not None:
        transport.abort()
    return closed
