import json
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from joblog.client import JsonMismatchError
from joblog.client.json_form import JsonForm
from joblog.schemas.avro_schema import AvroSchema

ORDER = AvroSchema.of(
    {
        "type": "record",
        "name": "Order",
        "fields": [
            {"name": "number", "type": "int"},
            {"name": "placed", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
            {
                "name": "total",
                "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            },
            {"name": "scan", "type": "bytes", "default": "\u00ff"},
            {
                "name": "state",
                "type": {"type": "enum", "name": "State", "symbols": ["new", "paid"]},
            },
            {"name": "checksum", "type": {"type": "fixed", "name": "Four", "size": 4}},
            {
                "name": "lines",
                "type": {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "Line",
                        "fields": [
                            {"name": "sku", "type": "string"},
                            {
                                "name": "parts",
                                "type": {"type": "array", "items": "Line"},
                                "default": [],
                            },
                        ],
                    },
                },
            },
            {
                "name": "extra",
                "type": {"type": "map", "values": ["null", "long", "string"]},
                "default": {},
            },
            {"name": "_weight", "type": ["null", "double"], "default": None},
        ],
    }
)
DOCUMENT = {
    "number": 7,
    "placed": "2026-01-02T03:04:05.678000Z",
    "day": "2026-01-02",
    "id": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
    "total": "12.50",
    "scan": "AAE=",
    "state": "paid",
    "checksum": "3q2-7w==",
    "lines": [{"sku": "a", "parts": [{"sku": "b", "parts": []}]}],
    "extra": {"gift": 1, "note": "x", "none": None},
    "_weight": 1.5,
}


def test_json_becomes_avro_and_json_again() -> None:
    form = JsonForm(ORDER)
    assert form.from_avro(form.to_avro(json.dumps(DOCUMENT))) == DOCUMENT


def test_what_is_left_out_has_the_schema_s_default() -> None:
    form = JsonForm(ORDER)
    document = {k: v for k, v in DOCUMENT.items() if k not in {"scan", "extra", "_weight"}}
    found = form.from_avro(form.to_avro(json.dumps(document)))
    assert (found["scan"], found["extra"], found["_weight"]) == ("_w==", {}, None)


@pytest.mark.parametrize(
    ("change", "where", "rule"),
    [
        ({"number": "7"}, "number", "valid integer"),
        ({"number": 2**31}, "number", "less than"),
        ({"number": None}, "number", "valid integer"),
        ({"placed": "2026-01-02T03:04:05"}, "placed", "timezone"),
        ({"state": "lost"}, "state", "'new' or 'paid'"),
        ({"lines": [{"sku": 1}]}, "lines.0.sku", "valid string"),
        ({"colour": "red"}, "colour", "not permitted"),
        ({"total": "1.234"}, "total", "2 decimal places"),
        ({"total": "12345678.90"}, "total", "digits"),
        ({"checksum": "3q2-"}, "checksum", "at least 4 bytes"),
    ],
)
def test_what_does_not_fit_is_refused_by_place_and_rule_without_its_value(
    change: dict[str, Any], where: str, rule: str
) -> None:
    with pytest.raises(JsonMismatchError, match=rule) as caught:
        JsonForm(ORDER).to_avro(json.dumps(DOCUMENT | change))
    assert caught.value.where == where
    assert "lost" not in str(caught.value)


def test_what_only_the_writer_refuses_is_refused_without_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("the value is 12.50")

    monkeypatch.setattr("joblog.client.json_form.schemaless_writer", refuse)
    with pytest.raises(
        JsonMismatchError, match=r"cannot be written as Avro \(ValueError\)"
    ) as caught:
        JsonForm(ORDER).to_avro(json.dumps(DOCUMENT))
    assert "12.50" not in str(caught.value)


def test_a_missing_field_without_default_is_refused() -> None:
    document = {k: v for k, v in DOCUMENT.items() if k != "number"}
    with pytest.raises(
        JsonMismatchError, match="number does not fit the schema Order: Field required"
    ):
        JsonForm(ORDER).to_avro(json.dumps(document))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(JsonMismatchError, match=r"the document does not fit .* Invalid JSON"):
        JsonForm(ORDER).to_avro("{number: 7}")


@given(
    sku=st.text(),
    number=st.integers(-(2**31), 2**31 - 1),
    placed=st.datetimes(timezones=st.just(UTC)),
    scan=st.binary(),
    weight=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_python_wrote_survives_the_way_through_json(
    sku: str, number: int, placed: datetime, scan: bytes, weight: float | None
) -> None:
    datum = {
        "number": number,
        "placed": placed.replace(microsecond=placed.microsecond // 1_000 * 1_000),
        "day": placed.date(),
        "id": UUID(int=number % 2**128),
        "total": Decimal("1.25"),
        "scan": scan,
        "state": "new",
        "checksum": b"\x00\x01\xfe\xff",
        "lines": [{"sku": sku, "parts": []}],
        "extra": {sku: number},
        "_weight": weight,
    }
    parsed = parse_schema(dict(ORDER.definition))
    body = BytesIO()
    schemaless_writer(body, parsed, datum)
    form = JsonForm(ORDER)
    again = form.to_avro(json.dumps(form.from_avro(body.getvalue())))
    assert schemaless_reader(BytesIO(again), parsed, None) == datum
