"""docs/topics.md, from the map of topics."""

from collections.abc import Iterator
from typing import Final

from joblog.streams.documents.markdown import code, document, table
from joblog.streams.kafka.topic_configs import AT_LEAST, EXACT
from joblog.streams.topics import Topic, TopicMap

_MAP: Final = TopicMap("<namespace>", lanes=("<lane>",), has_registry=True)
_INTRODUCTION: Final = """\
`joblog topics create` makes all of them, and refuses those that exist and differ in what is marked
with \\*; `joblog topics apply` mends these too, and [clusters.md](clusters.md) says who may do what.
No topic comes to be at run time, except for work and delay topics that were deleted
([failure-modes.md](failure-modes.md)). Namespace, lanes and the number of partitions are settings
([settings.md](settings.md)), the same in all processes of a log. Everything about a job stays in the
partition of its key on the events topic, whichever topic it is on: murmur2 of the key modulo the
partitions, as in Kafka's Java client."""
_SIZES: Final = """\
The largest values follow from `limits.max_submission_bytes`, `limits.max_record_bytes` and
`limits.max_dead_letter_bytes`; these are the defaults. Key and headers may take 64 KiB besides."""
_EVERY_TOPIC: Final = """\
Every topic also has `message.timestamp.type=LogAppendTime`\\*, since log time decides;
`max.message.bytes`\\* with room for a batch around the largest record; and `min.insync.replicas` one
below the replication factor, at least 1. Configs marked with \\* are checked whenever
`joblog topics create` runs; sizes and `delete.retention.ms` may be larger. The others are free."""


def topics_document() -> str:
    """Return the document."""
    return document(
        "Topics",
        _INTRODUCTION,
        table(
            ("Topic", "Holds", "Key", "Partitions \\*", "Written by", "Read by", "Largest value"),
            map(_described, _MAP.all),
        ),
        _SIZES,
        "## How long records are kept",
        table(("Topic", "Records are kept", "Configs"), _kept()),
        _EVERY_TOPIC,
    )


def _described(topic: Topic) -> tuple[str, ...]:
    return (
        code(topic.name),
        topic.holds,
        topic.key,
        "1" if topic.partitions == 1 else "as set",
        ", ".join(topic.writers),
        ", ".join(topic.readers),
        f"{topic.max_value_bytes:,}",
    )


def _kept() -> Iterator[tuple[str, ...]]:
    retentions = {topic.retention.words: topic.retention for topic in _MAP.all}
    for words, retention in retentions.items():
        names = [code(topic.name) for topic in _MAP.all if topic.retention.words == words]
        configs = [_config(name, value) for name, value in sorted(retention.config.items())]
        yield ", ".join(names), words, ", ".join(configs)


def _config(name: str, value: str) -> str:
    return code(f"{name}={value}") + ("\\*" if name in {*EXACT, *AT_LEAST} else "")
