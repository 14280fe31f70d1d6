"""Security settings reach the client that Faust runs, not only joblog's own."""

import asyncio

from tests.kafka.faust_app.conftest import StartScheduler

TLS_HANDSHAKE = b"\x16\x03"


async def test_the_consumer_speaks_tls_when_it_is_told_to(start_scheduler: StartScheduler) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read(2))
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        scheduler = await start_scheduler(
            JOBLOG_BOOTSTRAP_SERVERS=f"127.0.0.1:{port}", JOBLOG_SECURITY_PROTOCOL="SSL"
        )
        assert await asyncio.wait_for(heard.get(), 30) == TLS_HANDSHAKE
        assert await scheduler.ends() == 1
