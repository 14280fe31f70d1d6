"""Fingerprints are Apache Avro's."""

import json
from collections.abc import Mapping

import pytest
from avro.schema import parse
from fastavro.schema import fingerprint, to_parsing_canonical_form

from joblog.schemas.avro_schema import ALGORITHM, fingerprint_of
from joblog.schemas.catalog import CommittedSchema, committed

RECORD = {"type": "record", "name": "foo"}
VECTORS = [
    ("null", 7195948357588979594),
    ("boolean", -6970731678124411036),
    ("int", 8247732601305521295),
    ("long", -3434872931120570953),
    ("double", -8181574048448539266),
    ("bytes", 5746618253357095269),
    ("string", -8142146995180207161),
    (["int", {"type": "boolean"}], 5392556393470105090),
    ({**RECORD, "fields": []}, -4824392279771201922),
    ({**RECORD, "fields": [], "namespace": "x.y"}, 5916914534497305771),
    ({**RECORD, "fields": [], "doc": "foo", "aliases": ["foo", "bar"]}, -4824392279771201922),
    ({**RECORD, "fields": [{"type": {"type": "boolean"}, "name": "f1"}]}, 7843277075252814651),
    ({"type": "enum", "name": "foo", "symbols": ["A1"]}, -6342190197741309591),
    ({"name": "foo", "type": "fixed", "size": 15}, 1756455273707447556),
    ({"items": {"type": "null"}, "type": "array"}, -589620603366471059),
    ({"values": "string", "type": "map"}, -8732877298790414990),
]
"""From Apache Avro, `share/test/data/schema-tests.txt`: the fingerprints as signed 64-bit numbers."""


@pytest.mark.parametrize(("definition", "expected"), VECTORS, ids=str)
def test_known_schemas_have_their_known_fingerprints(definition: object, expected: int) -> None:
    canonical = to_parsing_canonical_form(definition)  # type: ignore[arg-type]  # any schema
    assert bytes.fromhex(fingerprint(canonical, ALGORITHM)) == expected.to_bytes(
        8, "little", signed=True
    )
    if isinstance(definition, dict):
        assert fingerprint_of(definition) == expected.to_bytes(8, "little", signed=True)


@pytest.mark.parametrize(
    "found",
    [*committed("events"), *committed("state")],
    ids=lambda found: f"{found.name}-v{found.version}",
)
def test_committed_schemas_have_the_fingerprints_that_apache_avro_gives_them(
    found: CommittedSchema,
) -> None:
    theirs = parse(json.dumps(plain(found.schema.definition))).fingerprint(ALGORITHM)
    assert found.schema.fingerprint == theirs


def plain(schema: object) -> object:
    """Leave logical types out, which Avro's Python library forgets to do before it takes a fingerprint."""
    if isinstance(schema, Mapping):
        if "logicalType" in schema:
            return schema["type"]
        return {key: plain(value) for key, value in schema.items()}
    return [plain(item) for item in schema] if isinstance(schema, list) else schema
