"""Messages between a worker and its child processes: pickled, each behind its length.

Both ends are this program, so that unpickling trusts nobody else.
"""

import asyncio
import pickle
import socket
import struct
from typing import Any, Final

_LENGTH: Final = struct.Struct(">I")


class FrameUnreadable(Exception):  # noqa: N818 - a signal between two classes, never seen outside
    """A message came that cannot be unpickled: it holds what exists at one end only, or is none."""


def frame(message: tuple[Any, ...]) -> bytes:
    """Return a message as it is sent."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


def receive(connection: socket.socket) -> Any:  # noqa: ANN401 - any message
    """Return the next message, waiting for it.

    Raises:
        EOFError: the other end is gone.
        FrameUnreadable: it cannot be unpickled.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return _unpickled(_exactly(connection, length))


async def receive_async(reader: asyncio.StreamReader) -> Any:  # noqa: ANN401 - any message
    """Return the next message, waiting for it.

    Raises:
        asyncio.IncompleteReadError: the other end is gone.
        FrameUnreadable: it cannot be unpickled.
    """
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return _unpickled(await reader.readexactly(length))


def _unpickled(body: bytes) -> Any:  # noqa: ANN401 - any message
    try:
        return pickle.loads(body)  # noqa: S301 - see above
    except Exception as error:
        raise FrameUnreadable from error


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    return bytes(received)
