"""Avro's int and long: zigzag, then 7 bits a byte, the lowest first.

Source: Avro 1.12 specification, "Binary Encoding".
"""

from functools import lru_cache
from typing import Final

LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1
LOWEST_INT: Final = -(2**31)
HIGHEST_INT: Final = 2**31 - 1
LONGEST: Final = 10
"""Bytes of the longest long."""

CACHED: Final = 8_192
"""Longs whose bytes are remembered: times and lengths come again and again."""

_ONE: Final = tuple(bytes((number,)) for number in range(128))


@lru_cache(CACHED, typed=True)  # 1.0 is no long, though it equals one
def long(number: int) -> bytes:
    """Return a long in Avro.

    Raises:
        ValueError: it has more than 64 bits.
    """
    if not LOWEST <= number <= HIGHEST:
        raise ValueError(f"{number} has more than 64 bits")
    left = number << 1 if number >= 0 else ~(number << 1)
    if left < 0x80:  # noqa: PLR2004 - what 7 bits hold
        return _ONE[left]
    if left < 0x4000:  # noqa: PLR2004 - what 14 bits hold
        return bytes((left & 0x7F | 0x80, left >> 7))
    written = []
    while left > 0x7F:  # noqa: PLR2004 - as above
        written.append(left & 0x7F | 0x80)
        left >>= 7
    written.append(left)
    return bytes(written)


def int_(number: int) -> bytes:
    """Return an int in Avro.

    Raises:
        ValueError: it has more than 32 bits.
    """
    if not LOWEST_INT <= number <= HIGHEST_INT:
        raise ValueError(f"{number} has more than 32 bits")
    return long(number)


def read_long(body: bytes, start: int) -> tuple[int, int]:
    """Return the long at a place, and the place after it.

    Raises:
        IndexError: the body ends before.
        ValueError: it has more than 64 bits.
    """
    place, shift, found = start, 0, 0
    while True:
        byte = body[place]
        place += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte has no high bit
            break
        shift += 7
    if place - start > LONGEST or found >> 64:
        raise ValueError("more than 64 bits")
    return (found >> 1) ^ -(found & 1), place


def read_size(body: bytes, start: int) -> tuple[int, int]:
    """Return the length at a place, and the place after it.

    Raises:
        IndexError: the body ends before.
        ValueError: it is negative, or has more than 64 bits.
    """
    size, place = read_long(body, start)
    if size < 0:
        raise ValueError(f"a length of {size}")
    return size, place
