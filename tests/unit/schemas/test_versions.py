"""Which fields an older version of a schema lacks, where it differs in nothing else."""

from typing import Any

import pytest

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.versions import absent_fields

NULLABLE = ["null", "string"]
NEWEST: list[dict[str, Any]] = [
    {"name": "id", "type": "string"},
    {"name": "key", "type": NULLABLE, "default": None},
    {"name": "more", "type": NULLABLE, "default": None},
]


def schema_of(fields: list[dict[str, Any]]) -> AvroSchema:
    return AvroSchema.of({"type": "record", "name": "Event", "fields": fields})


@pytest.mark.parametrize(
    ("kept", "absent"), [([0], ("key", "more")), ([0, 2], ("key",)), ([2, 0, 1], ())]
)
def test_it_lacks_what_is_null_by_default(kept: list[int], absent: tuple[str, ...]) -> None:
    older = schema_of([NEWEST[place] for place in kept])
    assert absent_fields(older, schema_of(NEWEST)) == absent


@pytest.mark.parametrize(
    "older",
    [
        [NEWEST[1]],
        [NEWEST[0], {"name": "key", "type": NULLABLE, "default": None, "doc": "other"}],
        [NEWEST[0], {"name": "gone", "type": "long", "default": 0}],
    ],
    ids=["it lacks what has no default", "a field is another one", "a field is gone"],
)
def test_what_differs_otherwise_has_to_be_resolved(older: list[dict[str, Any]]) -> None:
    assert absent_fields(schema_of(older), schema_of(NEWEST)) is None


def test_a_schema_of_no_record_lacks_no_fields() -> None:
    other = AvroSchema.of({"type": "enum", "name": "Event", "symbols": ["A"]})
    assert absent_fields(other, schema_of(NEWEST)) is None
