"""Records of aiokafka as records that were read."""

from typing import Any

from aiokafka import ConsumerRecord

from joblog.streams.records import Inbound


def inbound(record: "ConsumerRecord[Any, Any]") -> Inbound:
    """Return a record of an aiokafka consumer without deserializers."""
    return Inbound(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
    )
