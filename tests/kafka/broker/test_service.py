"""What a started broker does for its clients."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, UnknownTopicOrPartitionError

from joblog.streams.broker import EmbeddedBroker
from tests.kafka.broker.clients import create_topic, produce, read_all, topics


async def test_what_was_produced_is_consumed(bootstrap_servers: str, namespace: str) -> None:
    await create_topic(bootstrap_servers, namespace)

    await produce(bootstrap_servers, namespace, b"a", b"b")

    assert await read_all(bootstrap_servers, namespace) == {0: b"a", 1: b"b"}


async def test_a_record_of_seven_mebibytes_is_taken(bootstrap_servers: str, namespace: str) -> None:
    await create_topic(bootstrap_servers, namespace)

    await produce(bootstrap_servers, namespace, bytes(7 * 1024 * 1024))

    assert len((await read_all(bootstrap_servers, namespace))[0]) == 7 * 1024 * 1024


async def test_a_topic_that_nobody_made_is_not_made_by_asking(
    bootstrap_servers: str, namespace: str
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, request_timeout_ms=1_000)
    await producer.start()

    with pytest.raises(UnknownTopicOrPartitionError):
        await producer.send(namespace, b"value")

    await producer.stop()
    assert namespace not in await topics(bootstrap_servers)


async def test_a_group_with_a_session_of_one_second_is_assigned_at_once(
    bootstrap_servers: str, namespace: str
) -> None:
    await create_topic(bootstrap_servers, namespace)
    consumer = AIOKafkaConsumer(
        namespace,
        bootstrap_servers=bootstrap_servers,
        group_id=namespace,
        session_timeout_ms=1_000,
        heartbeat_interval_ms=300,
    )

    async with asyncio.timeout(20):
        await consumer.start()

    assert len(consumer.assignment()) == 1
    await consumer.stop()


async def test_compaction_can_be_forced(bootstrap_servers: str, namespace: str) -> None:
    await create_topic(
        bootstrap_servers,
        namespace,
        cleanup_policy="compact",
        segment_ms="50",
        min_cleanable_dirty_ratio="0.001",
    )
    await produce(bootstrap_servers, namespace, b"first")

    async with asyncio.timeout(60):
        while 0 in await read_all(bootstrap_servers, namespace):
            await produce(bootstrap_servers, namespace, b"newer")  # rolls the segment


def test_only_loopback_is_listened_on(broker: EmbeddedBroker) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", broker.port))  # refused if the broker had bound all addresses


async def test_a_config_of_the_caller_wins(
    make_broker: Callable[..., EmbeddedBroker], namespace: str
) -> None:
    with make_broker(overrides={"message.max.bytes": "1000"}) as broker:
        await create_topic(broker.bootstrap_servers, namespace)

        with pytest.raises(MessageSizeTooLargeError):
            await produce(broker.bootstrap_servers, namespace, bytes(2000))


def test_configs_are_for_the_eyes_of_the_owner(
    make_broker: Callable[..., EmbeddedBroker],
) -> None:
    with make_broker(overrides={"sasl.jaas.config": "password"}) as broker:
        written = broker.data_dir / "server.properties"
        assert "password" in written.read_text()
        assert written.stat().st_mode & 0o077 == 0
