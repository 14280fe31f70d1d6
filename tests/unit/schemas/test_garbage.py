"""Whatever the bytes are, reading them ends in an event or in one of two errors."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from joblog.schemas import avro_schema
from joblog.schemas.catalog import committed, latest
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.framing import HEADER_SIZE, MAGIC, frame
from joblog.schemas.models import Event
from tests.unit.schemas.examples import VALUES

CODEC = Codec()
FINGERPRINTS = [found.schema.fingerprint for found in committed("events")]

values = st.sampled_from(VALUES)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid value with some bytes changed, dropped, doubled, or taken from another value."""
    value = bytearray(draw(values))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(value)))
        end = draw(st.integers(start, min(len(value), start + 12)))
        value[start:end] = draw(st.binary(max_size=12)) or draw(values)[start:][:40]
    return bytes(value)


def assert_read_or_refused(value: bytes) -> None:
    try:
        event = CODEC.decode(value)
    except (UnknownSchemaError, UndecodableError):
        return
    assert isinstance(event, Event)
    assert CODEC.decode(CODEC.encode(event)) == event


@given(st.binary(max_size=200))
@example(b"")
@example(MAGIC)
@example(MAGIC + bytes(8))
def test_any_bytes(value: bytes) -> None:
    assert_read_or_refused(value)


@given(st.sampled_from(FINGERPRINTS), st.binary(max_size=300))
@example(latest("events")["Tick"].fingerprint, b"\xff" * 30)
@example(latest("events")["Tick"].fingerprint, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01")
def test_any_body_under_a_known_fingerprint(fingerprint: bytes, body: bytes) -> None:
    assert_read_or_refused(frame(fingerprint, body))


@given(mutated())
def test_any_damage_to_a_valid_value(value: bytes) -> None:
    assert_read_or_refused(value)


@given(values, st.data())
def test_a_truncated_value_is_never_an_event(value: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(value) - 1))
    with pytest.raises(UndecodableError):
        CODEC.decode(value[:cut])


@given(values, st.binary(min_size=1, max_size=20))
def test_nothing_may_follow_an_event(value: bytes, rest: bytes) -> None:
    with pytest.raises(UndecodableError, match=f"{len(rest)} bytes follow"):
        CODEC.decode(value + rest)


@given(st.binary(min_size=8, max_size=8).filter(lambda found: found not in FINGERPRINTS))
def test_an_unknown_fingerprint_is_named(fingerprint: bytes) -> None:
    with pytest.raises(UnknownSchemaError) as unknown:
        CODEC.decode(frame(fingerprint, b"body"))
    assert unknown.value.fingerprint == fingerprint
    assert fingerprint.hex() in str(unknown.value)


def test_what_breaks_a_rule_of_its_model_says_which() -> None:
    schema = latest("events")["RulesActivated"]
    value = frame(schema.fingerprint, schema.write({"event_id": "e", "time": 1, "rules": 0}))
    with pytest.raises(UndecodableError, match="RulesActivated breaks a rule of its model: rules"):
        CODEC.decode(value)


def test_a_shortage_of_memory_is_no_fault_of_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:  # noqa: ANN401 - a function of fastavro
        raise MemoryError

    monkeypatch.setattr(avro_schema, "schemaless_reader", fail)
    with pytest.raises(MemoryError):
        CODEC.decode(VALUES[0][:-1])  # whole ones are read without fastavro


def test_a_value_begins_with_magic_and_fingerprint() -> None:
    for value in VALUES:
        assert value[:2] == b"\xc3\x01"
        assert value[2:HEADER_SIZE] in FINGERPRINTS
