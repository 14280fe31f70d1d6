"""The checker's decoder, against the specification and against fastavro."""

import json
from pathlib import Path

import pytest
from fastavro.schema import fingerprint, to_parsing_canonical_form

from tests.history.avro import SCHEMA_FILES, Datum, Decoder
from tests.history.crc64 import crc_64_avro
from tests.history.errors import UndecodableValueError, UnknownFingerprintError
from tests.kafka.history.avro_writer import committed
from tests.unit.history.future import FUTURE

FILES = sorted(SCHEMA_FILES.rglob("*.avsc"))
TICK = committed("Tick").encode({"event_id": "t", "time": 7})


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ('"null"', 7195948357588979594),
        ('"boolean"', -6970731678124411036),
        ('"int"', 8247732601305521295),
    ],
)
def test_fingerprints_are_those_of_the_avro_project(schema: str, expected: int) -> None:
    """Source: share/test/data/schema-tests.txt of Apache Avro."""
    assert int.from_bytes(crc_64_avro(schema.encode()), "little", signed=True) == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_fingerprints_of_the_contract_are_those_of_fastavro(file: Path) -> None:
    canonical = to_parsing_canonical_form(json.loads(file.read_text()))
    assert crc_64_avro(canonical.encode()).hex() == fingerprint(canonical, "CRC-64-AVRO")


def test_times_are_integers() -> None:
    assert Decoder().decode(TICK) == Datum("Tick", {"event_id": "t", "time": 7})


@pytest.mark.parametrize("value", [None, b"", b"{}", TICK[:-1], TICK + b"\x00", b"\xc3\x01"])
def test_garbage_is_undecodable(value: bytes | None) -> None:
    with pytest.raises(UndecodableValueError):
        Decoder().decode(value)


def test_another_version_is_read_as_the_committed_one_once_it_is_announced() -> None:
    body = FUTURE.write({"event_id": "c", "time": 0, "job_id": "a", "requested_by": "ops"})
    value = b"\xc3\x01" + FUTURE.fingerprint + body
    decoder = Decoder()
    with pytest.raises(UnknownFingerprintError):
        decoder.decode(value)
    assert not decoder.learn(b"12345678", FUTURE.to_json())
    assert not decoder.learn(FUTURE.fingerprint, "no schema")
    assert decoder.learn(FUTURE.fingerprint, FUTURE.to_json())
    datum = decoder.decode(value)
    assert datum.name == "JobCancelRequested"
    assert "urgency" not in datum.fields
