"""Records that are no events, as other programs write them to the wrong topic."""

import gzip
import json
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer

from examples.saas.demo.sources import PHOTOGRAPHS, upload


class Garbage(NamedTuple):
    """A record that is no event, and where Kafka put it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


_DOCUMENT: Final = json.dumps({"type": "JobSubmitted", "payload": {"iata": "SEA"}}).encode()


def garbage_values() -> list[bytes | None]:
    """Return what such records hold."""
    return [
        _DOCUMENT,
        gzip.compress(_DOCUMENT, mtime=0),
        b"<html><head><title>502 Bad Gateway</title></head></html>",
        upload(PHOTOGRAPHS[0]).read_bytes()[:4_096],
        bytes(range(256)),
        b"\xc3\x01\x00\x00",
        b"",
        None,
    ]


async def publish_garbage(bootstrap_servers: str, topic: str) -> list[Garbage]:
    """Write one record of each to a topic, with a producer that knows nothing of joblog."""
    published = []
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all") as producer:
        for number, value in enumerate(garbage_values()):
            key = f"garbage-{number}".encode()
            written = await producer.send_and_wait(topic, value, key)
            published.append(Garbage(written.partition, written.offset, key, value))
    return published
