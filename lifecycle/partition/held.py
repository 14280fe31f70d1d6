"""Records whose schema is not known yet: they wait in the state, and block nothing."""

from collections.abc import Iterator
from typing import Final

from joblog.lifecycle.dead_letters import original_of
from joblog.lifecycle.partition.keys import after, held_key, held_prefix, timer_key
from joblog.lifecycle.partition.working_set import WorkingSet
from joblog.lifecycle.records import Inbound
from joblog.schemas.models import OriginalRecord
from joblog.schemas.state import HeldRecord

_CHUNK: Final = 1_000


def hold(record: Inbound, fingerprint: bytes, wake_at: int, state: WorkingSet) -> None:
    """Keep a record until its schema is announced or `wake_at` comes."""
    key = held_key(fingerprint, record.offset)
    state.put(key, HeldRecord(original_of(record), fingerprint, wake_at).encode())
    state.put(timer_key(wake_at, key), b"")


def release(key: bytes, state: WorkingSet) -> OriginalRecord | None:
    """Take a held record out; None where it is out already."""
    value = state.get(key)
    if value is None:
        return None
    held = HeldRecord.decode(value)
    state.delete(key)
    state.delete(timer_key(held.wake_at, key))
    return held.original


def release_all(fingerprint: bytes, state: WorkingSet) -> Iterator[Inbound]:
    """Take out all records of a schema, in the order of the log."""
    prefix = held_prefix(fingerprint)
    while chunk := state.scan(prefix, after(prefix), _CHUNK):
        for key, _ in chunk:
            original = release(key, state)
            if original is not None:
                yield _record(original)


def _record(original: OriginalRecord) -> Inbound:
    return Inbound(
        original.topic,
        original.partition,
        original.offset,
        original.timestamp,
        original.key,
        original.value,
        tuple((header.key, header.value) for header in original.headers),
    )
