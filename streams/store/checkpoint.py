"""What local state says of itself: how far it follows the changelog, and since when."""

import json
from collections.abc import Mapping
from typing import NamedTuple, Self

from joblog.streams.store.changelog import Tail, Tails


class Checkpoint(NamedTuple):
    """Stands in the local database, written in one batch with the entries that it is about.

    Attributes:
        version: of the derivation that made the local entries.
        committed_at: a time at which nothing newer was committed; ms since the Unix epoch.
        tails: last record that the entries include, by topic.
    """

    version: str
    committed_at: int
    tails: Tails

    def encode(self) -> bytes:
        """Return the checkpoint as JSON."""
        tails = {topic: [tail.offset, tail.fingerprint.hex()] for topic, tail in self.tails.items()}
        return json.dumps([self.version, self.committed_at, tails]).encode()

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the checkpoint that was encoded."""
        version, committed_at, tails = json.loads(value)
        return cls(
            version,
            committed_at,
            {
                topic: Tail(offset, bytes.fromhex(fingerprint))
                for topic, (offset, fingerprint) in tails.items()
            },
        )


def why_unusable(
    checkpoint: Checkpoint, *, version: str, now: int, most_age_ms: int, ends: Mapping[str, int]
) -> str | None:
    """Return why local state cannot be brought up to date, None if it may be.

    It is never ahead of the changelog: if the changelog ends before it, that one was made again or has
    lost records.

    Args:
        checkpoint: what the local state says of itself.
        version: of the derivation.
        now: time, ms since the Unix epoch.
        most_age_ms: for this long every tombstone stays in the changelog, by any clock.
        ends: the offset after the last record or marker, by topic.
    """
    if checkpoint.version != version:
        return f"its local entries have version {checkpoint.version}, and {version} is needed"
    age = abs(now - checkpoint.committed_at)
    if age > most_age_ms:
        return f"it is {age} ms old, and tombstones since then may be gone after {most_age_ms} ms"
    for topic, tail in checkpoint.tails.items():
        if topic not in ends:
            return f"it follows {topic}, which is not its changelog"
        if tail.offset >= ends[topic]:
            return f"it is at offset {tail.offset} of {topic}, which ends at {ends[topic]}"
    return None
