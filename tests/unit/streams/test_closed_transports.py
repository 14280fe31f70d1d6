"""A connection that uvloop has closed is one that is broken, and nothing worse."""

import asyncio
from importlib import import_module
from typing import NoReturn

import pytest
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest


class ClosedWriter:
    """What uvloop's transport is as soon as the other end is gone."""

    transport = None

    def write(self, _data: bytes) -> NoReturn:
        raise RuntimeError(
            "unable to perform operation on <TCPTransport closed=True>; it is closed"
        )

    def close(self) -> None:
        pass


async def test_who_sends_hears_that_the_connection_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_module("joblog.streams.kafka.client")  # whoever makes a client has it
    connection = AIOKafkaConnection("127.0.0.1", 9_092)
    monkeypatch.setattr(connection, "_versions", {MetadataRequest.API_KEY: (0, 5)})
    monkeypatch.setattr(connection, "_reader", asyncio.StreamReader())
    monkeypatch.setattr(connection, "_writer", ClosedWriter())
    monkeypatch.setattr(connection, "_read_task", asyncio.get_running_loop().create_future())
    with pytest.raises(KafkaConnectionError, match=r"127\.0\.0\.1:9092 broken: unable to perform"):
        connection.send(MetadataRequest([]))
    assert not connection.connected()
