"""A proxy before a broker that loses answers: the broker has written, its client does not know."""

import asyncio
from types import TracebackType
from typing import Final, Self

PRODUCE: Final = b"\x00\x00"
"""The API key with which a request begins."""


class AnswerLosingProxy:
    """Passes requests to a broker on loopback and answers back, one at a time.

    Attributes:
        lost: how many answers it has lost.
    """

    def __init__(self, port: int, broker_port: int) -> None:
        self._port = port
        self._broker_port = broker_port
        self._loses_next = False
        self._connections: set[asyncio.StreamWriter] = set()
        self.lost = 0

    def lose_next_answer_to_produce(self) -> None:
        """Cut the connection in place of the next answer to a Produce request."""
        self._loses_next = True

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self._broker_port)
        self._connections |= {writer, broker_writer}
        try:
            while True:
                request = await _message(reader)
                broker_writer.write(request)
                answer = await _message(broker_reader)
                if self._loses_next and request[4:6] == PRODUCE:
                    self._loses_next = False
                    self.lost += 1
                    return
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # one of the two has hung up
        finally:
            for connection in (writer, broker_writer):
                connection.close()
                self._connections.discard(connection)


async def _message(reader: asyncio.StreamReader) -> bytes:
    length = await reader.readexactly(4)
    return length + await reader.readexactly(int.from_bytes(length))
