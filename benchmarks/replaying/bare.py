"""The bare loop: aiokafka's `getmany` and fastavro's `schemaless_reader` over all topics with events of jobs.

Arguments: the partition. It prints JSON: how many events, in how many seconds.
"""

import asyncio
import json
import sys
from io import BytesIO
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from fastavro import schemaless_reader

from joblog.schemas.catalog import committed
from joblog.schemas.framing import HEADER_SIZE
from joblog.streams.kafka.log_reader import FETCH_BYTES, POLL_MS
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

SCHEMAS: Final = {found.schema.fingerprint: found.schema.parsed for found in committed("events")}


async def read(settings: Settings, partition: int) -> int:
    """Decode all events of a partition; return how many there are."""
    topics = TopicMap.of(settings)
    parts = [
        TopicPartition(topic.name, partition)
        for topic in (topics.events, *topics.works, *topics.delays)
    ]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        enable_auto_commit=False,
        max_partition_fetch_bytes=FETCH_BYTES,  # as a replay's
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(parts)
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        left, count = sum(ends.values()), 0
        record: Any
        while count < left:
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                for record in records:
                    value = record.value
                    schemaless_reader(
                        BytesIO(value[HEADER_SIZE:]), SCHEMAS[value[2:HEADER_SIZE]], None
                    )
                count += len(records)
        return count
    finally:
        await consumer.stop()


def main() -> None:
    """Read, and say how long it took."""
    begun = monotonic()
    count = asyncio.run(read(Settings(), int(sys.argv[1])))
    print(json.dumps({"events": count, "seconds": monotonic() - begun}))


if __name__ == "__main__":
    main()
