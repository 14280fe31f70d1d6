"""Header names that are no UTF-8 are read by every consumer of the process, wherever they stand."""

import struct
from collections.abc import Callable
from typing import NamedTuple

import pytest
from aiokafka import TopicPartition
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBase, DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from joblog.streams.kafka.header_names import read_any_header_name

AT = TopicPartition("t.events", 0)
GOOD, BAD, READ = b"~good~", b"\xff\xc3(\xe2\x82\xc3", "??(???"
CREATED, APPENDED = 5, 999
CODECS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "plain": (DefaultRecordBase.CODEC_NONE, bytes),
    "gzip": (DefaultRecordBase.CODEC_GZIP, gzip_encode),
    "snappy": (DefaultRecordBase.CODEC_SNAPPY, snappy_encode),
    "lz4": (DefaultRecordBase.CODEC_LZ4, lz4_encode),
    "zstd": (DefaultRecordBase.CODEC_ZSTD, zstd_encode),
}

Headers = list[tuple[str, bytes | None]]


class Read(NamedTuple):
    """What a consumer has of a record."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@pytest.fixture(autouse=True)
def reading_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    read_any_header_name()


def batch(
    bad: set[int], first: int = 0, codec: str = "plain", *, append_time: bool = False
) -> bytes:
    """Return three records, some with a name that is no UTF-8, as a broker gives them."""
    compression, compress = CODECS[codec]
    flags = DefaultRecordBase.TIMESTAMP_TYPE_MASK if append_time else 0
    data = _records(bad)
    size = DefaultRecordBase.HEADER_STRUCT.size
    head, body = bytearray(data[:size]), compress(data[size:])
    struct.pack_into(">qi", head, 0, first, size + len(body) - DefaultRecordBase.AFTER_LEN_OFFSET)
    struct.pack_into(">h", head, DefaultRecordBase.ATTRIBUTES_OFFSET, compression | flags)
    if append_time:
        struct.pack_into(">q", head, struct.calcsize(">qiibIhiq"), APPENDED)
    whole = bytes(head) + body
    crc = calc_crc32c(whole[DefaultRecordBase.ATTRIBUTES_OFFSET :])
    struct.pack_into(">I", head, DefaultRecordBase.CRC_OFFSET, crc)
    return bytes(head) + body


def _records(bad: set[int]) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 20)
    for number in range(3):
        builder.append(
            number,
            timestamp=CREATED + number,
            key=None if number == 2 else b"k%d" % number,
            value=None if number == 1 else b"v" * 100,
            headers=_headers("~bad~~" if number in bad else GOOD.decode()),
        )
    return bytes(builder.build()).replace(b"~bad~~", BAD)


def _headers(name: str) -> Headers:
    return [("ü", b"1"), (name, None), ("", b""), (name, b"2")]


def expected(bad: set[int], first: int = 0, *, append_time: bool = False) -> list[Read]:
    return [
        Read(
            first + number,
            APPENDED if append_time else CREATED + number,
            int(append_time),
            None if number == 2 else b"k%d" % number,
            None if number == 1 else b"v" * 100,
            _headers(READ if number in bad else GOOD.decode()),
        )
        for number in range(3)
    ]


def consumed(data: bytes, offset: int = 0) -> list[Read]:
    """Return what a consumer has of the answer to a fetch from an offset on."""
    records = fetcher.PartitionRecords(
        AT,
        fetcher.MemoryRecords(data),  # type: ignore[attr-defined]
        aborted_transactions=None,
        fetch_offset=offset,
        key_deserializer=None,
        value_deserializer=None,
        check_crcs=True,
        isolation_level=fetcher.READ_COMMITTED,
    )
    return [
        Read(
            record.offset,
            record.timestamp,
            record.timestamp_type,
            record.key,
            record.value,
            list(record.headers),
        )
        for record in records
    ]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("bad", [{0}, {1}, {2}, {0, 2}, set()])
def test_each_record_is_read_once_and_as_it_is_but_for_the_bad_name(
    bad: set[int], codec: str
) -> None:
    assert consumed(batch(bad, codec=codec)) == expected(bad)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("bad", [{0}, {1}, {2}])
def test_the_time_of_a_topic_with_log_append_time_is_the_brokers(bad: set[int], codec: str) -> None:
    data = batch(bad, codec=codec, append_time=True)
    assert consumed(data) == expected(bad, append_time=True)


def test_a_batch_does_not_keep_its_neighbours_from_being_read() -> None:
    bads: list[set[int]] = [set(), {1}, set(), {0, 1, 2}]
    data = b"".join(batch(bad, 3 * number) for number, bad in enumerate(bads))
    reads = [read for number, bad in enumerate(bads) for read in expected(bad, 3 * number)]
    assert consumed(data) == reads


def test_a_batch_that_a_fetch_cut_off_is_left_for_the_next() -> None:
    assert consumed(batch({1}) + batch({1}, 3)[:-1]) == expected({1})


@pytest.mark.parametrize("bad", [{0}, {1}, {2}])
def test_records_before_the_bad_name_are_not_repeated(bad: set[int]) -> None:
    records = fetcher.MemoryRecords(batch(bad)).next_batch()  # type: ignore[attr-defined]
    assert [record.offset for record in records or ()] == [0, 1, 2]


@pytest.mark.parametrize("offset", [1, 2])
def test_what_was_read_before_is_not_repeated(offset: int) -> None:
    assert consumed(batch({1}), offset) == expected({1})[offset:]


def test_a_batch_that_is_damaged_is_refused() -> None:
    data = bytearray(batch({1}))
    data[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        consumed(bytes(data))
