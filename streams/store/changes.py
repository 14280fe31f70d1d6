"""What one commit changes."""

from collections.abc import Iterable, Mapping

from joblog.streams.store.errors import InvalidStateKeyError

Record = tuple[bytes, bytes | None]
"""Key, without its family, and value of a record; no value is a tombstone."""

Changes = Mapping[bytes, bytes | None]
"""The new value of each key; None deletes it."""


def last_of_each_key(changes: Iterable[tuple[bytes, bytes | None]]) -> Changes:
    """Return the last change of each key.

    Raises:
        InvalidStateKeyError: a key has no family.
    """
    latest = dict(changes)
    for key in latest:
        if not key or key[0] == 0:
            raise InvalidStateKeyError(key)
    return latest


def durable(changes: Changes, topics: Mapping[bytes, str]) -> dict[str, list[Record]]:
    """Return the records of the durable changes, by topic; only topics that have some.

    Args:
        changes: all changes of a commit.
        topics: topic of each durable family.
    """
    records: dict[str, list[Record]] = {}
    for key, value in changes.items():
        topic = topics.get(key[:1])
        if topic is not None:
            records.setdefault(topic, []).append((key[1:], value))
    return records
