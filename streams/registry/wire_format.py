"""Confluent framing: a zero byte, the schema's id in the registry, the Avro body.

Registries number schemas by positive signed integers of 32 bits. Where the first bit is 1, readers disagree
whether that is a negative number; no serializer writes it, and no registry has to be asked.

Source: Confluent documentation, "Wire format" of Schema Registry's serializers.
"""

from typing import Final, NamedTuple

from joblog.streams.registry.errors import NotConfluentFramedError

MAGIC: Final = 0
HEADER_SIZE: Final = 5
LARGEST_ID: Final = 2**31 - 1


class ConfluentFrame(NamedTuple):
    """A framed value, taken apart: the schema's id and the Avro body."""

    schema_id: int
    body: bytes


def confluent_frame(value: bytes) -> ConfluentFrame:
    """Take a value apart.

    Raises:
        NotConfluentFramedError: it is too short, does not begin with a zero byte, or has no id of a registry.
    """
    if len(value) < HEADER_SIZE or value[0] != MAGIC:
        raise NotConfluentFramedError(value)
    schema_id = int.from_bytes(value[1:HEADER_SIZE], "big")
    if schema_id > LARGEST_ID:
        raise NotConfluentFramedError(value)
    return ConfluentFrame(schema_id, value[HEADER_SIZE:])
