"""Confluent framing: a zero byte, the schema's id in the registry, the Avro body.

Source: Confluent documentation, "Wire format" of Schema Registry's serializers.
"""

from typing import Final, NamedTuple

from joblog.streams.registry.errors import NotConfluentFramedError

MAGIC: Final = 0
HEADER_SIZE: Final = 5


class ConfluentFrame(NamedTuple):
    """A framed value, taken apart: the schema's id and the Avro body."""

    schema_id: int
    body: bytes


def confluent_frame(value: bytes) -> ConfluentFrame:
    """Take a value apart.

    Raises:
        NotConfluentFramedError: it is too short, or does not begin with a zero byte.
    """
    if len(value) < HEADER_SIZE or value[0] != MAGIC:
        raise NotConfluentFramedError(value)
    return ConfluentFrame(int.from_bytes(value[1:HEADER_SIZE], "big"), value[HEADER_SIZE:])
