"""The CRC-64-AVRO fingerprint.

Source: Apache Avro specification, "Schema Fingerprints".
"""

from typing import Final

EMPTY: Final = 0xC15D213AA4D7A795


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        fingerprint = byte
        for _ in range(8):
            fingerprint = (fingerprint >> 1) ^ (EMPTY & -(fingerprint & 1))
        table.append(fingerprint)
    return tuple(table)


_TABLE: Final = _table()


def crc_64_avro(data: bytes) -> bytes:
    """Return the fingerprint of a parsing canonical form: 8 bytes, little-endian."""
    fingerprint = EMPTY
    for byte in data:
        fingerprint = (fingerprint >> 8) ^ _TABLE[(fingerprint ^ byte) & 0xFF]
    return fingerprint.to_bytes(8, "little")
