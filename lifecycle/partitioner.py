"""Which partition a key belongs to.

Source: Apache Kafka, `org.apache.kafka.common.utils.Utils.murmur2` and the default partitioner.
"""

from struct import unpack_from
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Return Kafka's 32-bit murmur2 hash, unsigned."""
    length = len(data)
    words = length // 4
    # Compiled, these are machine integers: no product here has more than 63 bits.
    h: i64 = _SEED ^ length
    word: i64
    k: i64
    for word in unpack_from(f"<{words}I", data):
        k = (word * _M) & _MASK
        h = (h * _M ^ (k ^ (k >> 24)) * _M) & _MASK
    tail = data[words * 4 :]
    if tail:
        h ^= int.from_bytes(tail, "little")
        h = (h * _M) & _MASK
    h ^= h >> 13
    h = (h * _M) & _MASK
    return h ^ (h >> 15)


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key among so many partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
