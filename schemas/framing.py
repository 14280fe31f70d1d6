"""Avro single-object encoding: two magic bytes, the schema's fingerprint, the body.

Source: Apache Avro specification, "Single-object encoding".
"""

from typing import Final, NamedTuple

from joblog.schemas.errors import UndecodableError

MAGIC: Final = b"\xc3\x01"
HEADER_SIZE: Final = 10


class Frame(NamedTuple):
    """A framed value, taken apart: the fingerprint (8 bytes, little-endian) and the Avro body."""

    fingerprint: bytes
    body: bytes


def frame(fingerprint: bytes, body: bytes) -> bytes:
    """Put the header before an Avro body."""
    return MAGIC + fingerprint + body


def unframe(value: bytes) -> Frame:
    """Take a value apart.

    Raises:
        UndecodableError: the value is too short or has no single-object header.
    """
    if len(value) < HEADER_SIZE or value[:2] != MAGIC:
        raise UndecodableError(f"{len(value)} bytes that begin with {value[:4].hex() or 'nothing'}")
    return Frame(value[2:HEADER_SIZE], value[HEADER_SIZE:])
