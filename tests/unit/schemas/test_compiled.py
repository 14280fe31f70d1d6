"""Functions made for a schema do what fastavro does, or nothing."""

import pickle
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import committed
from joblog.schemas.compiled import compile_reader, compile_writer
from joblog.schemas.compiled.reader import CANNOT_READ
from joblog.schemas.compiled.varint import HIGHEST, HIGHEST_INT, LOWEST, LOWEST_INT, long, read_long
from joblog.schemas.errors import UndecodableError

EVERYTHING: dict[str, Any] = {
    "type": "record",
    "name": "Everything",
    "fields": [
        {"name": "boolean", "type": "boolean"},
        {"name": "int", "type": "int"},
        {"name": "long", "type": {"type": "long"}},
        {"name": "float", "type": "float"},
        {"name": "double", "type": "double"},
        {"name": "bytes", "type": "bytes"},
        {"name": "string", "type": "string"},
        {"name": "fixed", "type": {"type": "fixed", "name": "Fixed", "size": 3}},
        {"name": "enum", "type": {"type": "enum", "name": "Enum", "symbols": ["A", "B"]}},
        {"name": "null first", "type": ["null", "boolean"]},
        {"name": "null last", "type": ["long", "null"]},
        {"name": "array", "type": {"type": "array", "items": ["null", "string"]}},
        {"name": "map", "type": {"type": "map", "values": {"type": "array", "items": "boolean"}}},
        {
            "name": "records",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Item",
                    "fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "boolean"}],
                },
            },
        },
        {"name": "nothing", "type": {"type": "record", "name": "Nothing", "fields": []}},
    ],
}
SCHEMAS = [
    parse_schema({**EVERYTHING}),
    *(found.schema.parsed for kind in ("events", "state") for found in committed(kind)),
]
COMPILED = [schema for schema in SCHEMAS if compile_writer(schema) is not None]

PRIMITIVES: dict[str, SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(LOWEST_INT, HIGHEST_INT),
    "long": st.integers(LOWEST, HIGHEST),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=200),
    "string": st.text(max_size=80),
}


def data_of(schema: Any) -> SearchStrategy[Any]:  # noqa: ANN401, PLR0911 - JSON, one for each type
    if isinstance(schema, list):
        return st.one_of(*map(data_of, schema))
    if isinstance(schema, str):
        return PRIMITIVES[schema]
    match schema["type"]:
        case "record":
            return st.fixed_dictionaries({f["name"]: data_of(f["type"]) for f in schema["fields"]})
        case "array":
            return st.lists(data_of(schema["items"]), max_size=3)
        case "map":
            return st.dictionaries(st.text(max_size=5), data_of(schema["values"]), max_size=3)
        case "enum":
            return st.sampled_from(schema["symbols"])
        case "fixed":
            return st.binary(min_size=schema["size"], max_size=schema["size"])
        case primitive:
            return PRIMITIVES[primitive]


def fastavro_bytes(schema: Any, datum: dict[str, Any]) -> bytes:  # noqa: ANN401 - JSON
    buffer = BytesIO()
    schemaless_writer(buffer, schema, datum)
    return buffer.getvalue()


SCHEMA_AND_DATUM = st.sampled_from(COMPILED).flatmap(
    lambda schema: st.tuples(st.just(schema), data_of(schema))
)


def test_nearly_all_events_and_all_state_have_their_functions() -> None:
    without = {schema["name"] for schema in SCHEMAS if compile_reader(schema) is None}
    assert without == {"joblog.TypeAnnounced"}, "it has the same record type in two fields"
    assert {schema["name"] for schema in SCHEMAS if schema not in COMPILED} == without


@given(SCHEMA_AND_DATUM, st.binary(max_size=5))
def test_the_bytes_and_the_datum_are_fastavros(found: tuple[Any, Any], rest: bytes) -> None:
    schema, datum = found
    write, read = compile_writer(schema), compile_reader(schema)
    assert write is not None
    assert read is not None
    body = fastavro_bytes(schema, datum)
    assert write(datum) == body
    assert read(body + rest) == (datum, len(body))


@given(SCHEMA_AND_DATUM, st.data())
def test_of_damaged_bytes_they_make_what_fastavro_makes_or_nothing(
    found: tuple[Any, Any], draw: st.DataObject
) -> None:
    schema, datum = found
    body = bytearray(fastavro_bytes(schema, datum))
    for _ in range(draw.draw(st.integers(1, 3))):
        if body:
            place = draw.draw(st.integers(0, len(body) - 1))
            body[place] = draw.draw(st.integers(0, 255))
    damaged = bytes(body[: draw.draw(st.integers(0, len(body)))])
    read = compile_reader(schema)
    assert read is not None
    try:
        made, end = read(damaged)
    except CANNOT_READ:
        return
    buffer = BytesIO(damaged)
    assert repr(made) == repr(
        schemaless_reader(buffer, schema, None)
    )  # by text: a NaN equals nothing
    assert buffer.tell() == end


@pytest.mark.parametrize(
    "type_",
    [
        ["null", "string", "long"],
        ["string", "long"],
        ["null", {"type": "array", "items": "Self"}],
        "null",
    ],
    ids=["three branches", "no null", "itself", "null alone"],
)
def test_what_they_do_not_know_is_left_to_fastavro(type_: Any) -> None:  # noqa: ANN401 - JSON
    fields = [{"name": "field", "type": type_}]
    schema = AvroSchema.of({"type": "record", "name": "Self", "fields": fields})
    assert schema.writes is None
    assert schema.reads is None
    datum = {"field": None} if type_ != ["string", "long"] else {"field": 7}
    assert schema.read(schema.write(datum)) == datum


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("long", "7"),
        ("long", 2**63),
        ("string", b"bytes"),
        ("string", None),
        ("bytes", "text"),
        (["null", "string"], 7),
        ({"type": "fixed", "name": "F", "size": 2}, b"abc"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B"),
    ],
)
def test_a_value_of_another_type_is_refused_as_fastavro_refuses_it(type_: Any, value: Any) -> None:  # noqa: ANN401
    definition = {"type": "record", "name": "R", "fields": [{"name": "field", "type": type_}]}
    schema = AvroSchema.of(definition)
    assert schema.writes is not None
    with pytest.raises(Exception) as expected:  # noqa: PT011 - whatever it is
        fastavro_bytes(schema.parsed, {"field": value})
    with pytest.raises(type(expected.value)) as caught:
        schema.write({"field": value})
    assert str(caught.value) == str(expected.value)


def test_a_field_that_is_missing_has_its_default() -> None:
    fields = [{"name": "field", "type": "long", "default": 7}]
    schema = AvroSchema.of({"type": "record", "name": "R", "fields": fields})
    assert schema.read(schema.write({})) == {"field": 7}


def test_several_blocks_are_read_too() -> None:
    fields = [{"name": "field", "type": {"type": "array", "items": "long"}}]
    schema = AvroSchema.of({"type": "record", "name": "R", "fields": fields})
    assert schema.read(b"\x02\x02\x04\x04\x06\x00") == {"field": [1, 2, 3]}
    assert schema.read(b"\x03\x04\x02\x04\x00") == {"field": [1, 2]}


def test_items_without_bytes_have_an_end() -> None:
    nothing = {"type": "record", "name": "N", "fields": []}
    fields = [{"name": "field", "type": {"type": "array", "items": nothing}}]
    schema = AvroSchema.of({"type": "record", "name": "R", "fields": fields})
    assert schema.reads is not None
    with pytest.raises(CANNOT_READ):
        schema.reads(long(2**40) + b"\x00")


def test_a_schema_goes_to_other_processes() -> None:
    definition = {"type": "record", "name": "R", "fields": [{"name": "field", "type": "long"}]}
    schema = AvroSchema.of(definition)
    copy = pickle.loads(pickle.dumps(schema))  # noqa: S301 - made here
    assert copy == schema
    assert copy.writes is not None
    assert copy.read(schema.write({"field": 7})) == {"field": 7}


@given(st.integers(LOWEST, HIGHEST))
def test_a_long_is_read_as_it_was_written(number: int) -> None:
    assert read_long(long(number) + b"\x80", 0) == (number, len(long(number)))


@pytest.mark.parametrize("body", [b"\x80" * 10 + b"\x01", b"\xff" * 9 + b"\x02"])
def test_more_than_64_bits_are_no_long(body: bytes) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        read_long(body, 0)
    schema = AvroSchema.of(
        {"type": "record", "name": "R", "fields": [{"name": "field", "type": "bytes"}]}
    )
    with pytest.raises(UndecodableError):
        schema.read(body)
