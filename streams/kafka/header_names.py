"""Header names that are no UTF-8: readable, where aiokafka would stop at them for ever.

Kafka's protocol has strings there, but its broker does not look, and librdkafka writes any bytes. aiokafka
0.14 raises at such a record each time it is fetched, so one record would stop its whole partition.
"""

from collections.abc import Iterator
from itertools import islice
from struct import Struct
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

_BATCH_LENGTH: Final = Struct(">8xi")
_REPLACEMENT: Final = "?"


def read_any_header_name() -> None:
    """Have every consumer of this process read such records: each wrong byte of a name as `?`."""
    fetcher.MemoryRecords = _Records  # type: ignore[assignment, attr-defined]


class _Records:
    """What a fetch brought of a partition; stands in for aiokafka's `MemoryRecords`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._records = MemoryRecords(data)
        self._at = 0

    def size_in_bytes(self) -> int:
        return self._records.size_in_bytes()

    def has_next(self) -> bool:
        return self._records.has_next()

    def next_batch(self) -> "_Batch":
        begin = self._at
        self._at += _BATCH_LENGTH.size + _BATCH_LENGTH.unpack_from(self._data, begin)[0]
        return _Batch(self._records.next_batch(), self._data[begin : self._at])


class _Batch:
    """A batch; it is read by aiokafka, and again from where that stops."""

    def __init__(self, batch: Any, data: bytes) -> None:  # noqa: ANN401 - of an extension module
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever aiokafka asks of a batch
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401 - a record of an extension module
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                read += 1
                yield record
        except UnicodeDecodeError:
            yield from islice(_repaired(self._data), read, None)


def _repaired(data: bytes) -> _DefaultRecordBatchPy:
    batch = iter(_DefaultRecordBatchPy(data))  # iter() decompresses it
    at = batch._pos  # noqa: SLF001 - where the first record begins
    for _ in range(batch._num_records):  # noqa: SLF001
        at = _repair(batch._buffer, at)  # noqa: SLF001
    return batch


def _repair(buffer: bytearray, at: int) -> int:
    """Make the header names of the record at a position readable; return where the next record begins.

    Source: Apache Kafka, "Message format", record version 2.
    """
    length, at = decode_varint(buffer, at)
    end = at + length
    at += 1  # attributes
    _, at = decode_varint(buffer, at)  # timestamp
    _, at = decode_varint(buffer, at)  # offset
    for _ in ("key", "value"):
        at = _after_bytes(buffer, at)
    headers, at = decode_varint(buffer, at)
    for _ in range(headers):
        size, at = decode_varint(buffer, at)
        buffer[at : at + size] = _readable(buffer[at : at + size])
        at = _after_bytes(buffer, at + size)
    return end


def _after_bytes(buffer: bytearray, at: int) -> int:
    size, at = decode_varint(buffer, at)
    return at + max(size, 0)  # -1 stands for null


def _readable(name: bytearray) -> bytes:
    """Return a name of the same size that is UTF-8."""
    characters = name.decode("utf-8", "surrogateescape")
    return "".join(
        _REPLACEMENT if "\ud800" <= character <= "\udfff" else character for character in characters
    ).encode()
