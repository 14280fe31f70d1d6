"""Sending over a connection that has just been closed: an error of Kafka's, where uvloop raises another one.

asyncio raises an OSError, which aiokafka knows. uvloop raises a RuntimeError, which ends aiokafka's coordination
of a group for good: the consumer goes on as if nothing were, and is given nothing any more.
"""

from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError


def tell_of_closed_transports() -> None:
    """Have every client of this process hear in aiokafka's words that a connection is closed."""
    AIOKafkaConnection.send = _send  # type: ignore[method-assign]


_sent_by_aiokafka: Any = AIOKafkaConnection.send


def _send(self: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - as aiokafka's
    try:
        return _sent_by_aiokafka(self, request, expect_response)
    except KafkaError:
        raise
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(
            f"Connection at {self.host}:{self.port} broken: {error}"
        ) from error
