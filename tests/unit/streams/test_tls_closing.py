"""A TLS connection is closed at once, whatever the broker does."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection

from joblog.streams.kafka import client_options
from joblog.streams.settings import Settings

CERTIFICATES = Path(__file__).parent / "certificates"
SECONDS = 5.0
"""Much less than the 30 s after which a farewell is no longer waited for."""


class Connection(AIOKafkaConnection):
    """A connection to what speaks TLS and nothing else."""

    async def _do_version_lookup(self) -> None:
        """Ask nothing."""


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A server that shakes hands and then neither reads nor says farewell; yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem", CERTIFICATES / "server.key", "joblog")
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            accepted, _ = listening.accept()
            with context.wrap_socket(accepted, server_side=True):
                done.wait()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        done.set()


@pytest.mark.parametrize(
    "new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_a_broker_that_says_no_farewell_holds_nobody_up(
    silent_server: int, new_loop: Callable[[], Any]
) -> None:
    settings = Settings(security_protocol="SSL", ssl_ca_file=CERTIFICATES / "server.pem")
    options = client_options(settings)

    async def connect_and_close() -> None:
        make: Any = Connection  # aiokafka's has no types
        connection = make(
            "127.0.0.1",
            silent_server,
            security_protocol="SSL",
            ssl_context=options["ssl_context"],
            on_close=None,
        )
        await connection.connect()
        async with asyncio.timeout(SECONDS):
            await connection.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(connect_and_close())
