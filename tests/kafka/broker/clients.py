"""The few things that the broker's tests do as a client."""

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


async def create_topic(bootstrap_servers: str, name: str, **configs: str) -> None:
    """Make a topic of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        topic_configs = {key.replace("_", "."): value for key, value in configs.items()}
        await admin.create_topics([NewTopic(name, 1, 1, topic_configs=topic_configs)])
    finally:
        await admin.close()


async def topics(bootstrap_servers: str) -> set[str]:
    """The names of all topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def produce(bootstrap_servers: str, topic: str, *values: bytes) -> None:
    """Send values under one key, each acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, acks="all", max_request_size=8 * 1024 * 1024
    )
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, key=b"key")
    finally:
        await producer.stop()


async def read_all(bootstrap_servers: str, topic: str) -> dict[int, bytes]:
    """The values of partition 0 by offset, up to its present end."""
    partition = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        await consumer.seek_to_beginning(partition)
        values: dict[int, bytes] = {}
        while await consumer.position(partition) < end:
            batches = await consumer.getmany(timeout_ms=100)
            values |= {record.offset: record.value or b"" for record in batches.get(partition, [])}
        return values
    finally:
        await consumer.stop()
