"""What identifies the last record of a changelog, and where a partition's changelog is."""

import pytest

from joblog.streams.store.changelog import Changelog, Tail
from joblog.streams.topics import TopicMap

TAIL = Tail.at(7, 1_000, b"key", b"value")


@pytest.mark.parametrize(
    "other",
    [
        Tail.at(8, 1_000, b"key", b"value"),
        Tail.at(7, 1_001, b"key", b"value"),
        Tail.at(7, 1_000, b"keyv", b"alue"),
        Tail.at(7, 1_000, b"key", b"other"),
        Tail.at(7, 1_000, b"key", b""),
        Tail.at(7, 1_000, b"key", None),
    ],
)
def test_the_tails_of_different_records_differ(other: Tail) -> None:
    assert other != TAIL
    assert Tail.at(7, 1_000, b"key", b"value") == TAIL


def test_a_tombstone_is_no_empty_value() -> None:
    assert Tail.at(7, 1_000, b"key", None) != Tail.at(7, 1_000, b"key", b"")


def test_a_partition_has_one_writer_and_its_part_of_both_tables() -> None:
    changelog = Changelog.of(TopicMap("ns"), 3)
    assert changelog.partition == 3
    assert changelog.writer == "ns-state-3"
    assert changelog.topics == {b"j": "ns.table.jobs", b"l": "ns.table.log"}
    assert changelog.tombstone_retention_ms == int(
        TopicMap("ns").table_jobs.config["delete.retention.ms"]
    )


def test_batches_are_no_larger_than_the_tables_take() -> None:
    topics = TopicMap("ns")
    assert Changelog.of(topics, 0).batch_bytes <= topics.table_log.max_message_bytes
