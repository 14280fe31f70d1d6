"""Old and new processes read each other: all committed versions, in both directions."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import CommittedSchema, committed, latest
from joblog.schemas.errors import IncompatibleSchemaError
from tests.unit.schemas.compatibility import check_full_transitive

Fields = list[dict[str, Any]]

PLANTED = 1 + sum(found.name == "JobSubmitted" for found in committed("events"))
"""The version that comes next."""


def with_next_version(change: Callable[[Fields], None]) -> list[CommittedSchema]:
    """All committed events, and another JobSubmitted that differs from the newest by a change."""
    newest = latest("events")["JobSubmitted"]
    definition = json.loads(newest.to_json())
    change(definition["fields"])
    planted = CommittedSchema("JobSubmitted", PLANTED, AvroSchema.of(definition))
    return [*committed("events"), planted]


def add_without_default(fields: Fields) -> None:
    fields.append({"name": "region", "type": "string"})


def drop_without_default(fields: Fields) -> None:
    del fields[[field["name"] for field in fields].index("payload")]


def change_type(fields: Fields) -> None:
    fields[0]["type"] = "long"


def widen_type(fields: Fields) -> None:
    next(field for field in fields if field["name"] == "priority")["type"] = "long"


def drop_branch(fields: Fields) -> None:
    field = next(field for field in fields if field["name"] == "owner")
    field["type"] = "string"
    field["default"] = ""


def resize_fixed(fields: Fields) -> None:
    field = next(field for field in fields if field["name"] == "payload_schema")
    field["type"] = {"type": "fixed", "name": "Fingerprint", "size": 16}


def add_with_default(fields: Fields) -> None:
    fields.append({"name": "region", "type": ["null", "string"], "default": None})


def drop_with_default(fields: Fields) -> None:
    del fields[[field["name"] for field in fields].index("owner")]


def reorder(fields: Fields) -> None:
    fields.reverse()


@pytest.mark.parametrize("folder", ["events", "state"])
def test_all_committed_versions_read_each_other(folder: str) -> None:
    assert check_full_transitive(committed(folder)) >= len(latest(folder))


@pytest.mark.parametrize(
    "change",
    [
        add_without_default,
        drop_without_default,
        change_type,
        widen_type,
        drop_branch,
        resize_fixed,
    ],
)
def test_a_planted_version_that_breaks_readers_is_found(change: Callable[[Fields], None]) -> None:
    with pytest.raises(IncompatibleSchemaError) as found:
        check_full_transitive(with_next_version(change))
    assert found.value.name == "JobSubmitted"
    assert f"v{PLANTED}" in {found.value.reader, found.value.writer}


@pytest.mark.parametrize("change", [add_with_default, drop_with_default, reorder])
def test_a_version_that_all_can_read_is_accepted(change: Callable[[Fields], None]) -> None:
    check_full_transitive(with_next_version(change))


def test_a_break_over_two_versions_is_found() -> None:
    """Each version reads its neighbours, but the first and the last do not read each other."""
    versions = [
        {"name": "x", "type": "int"},
        None,
        {"name": "x", "type": "string", "default": ""},
    ]
    schemas = [
        CommittedSchema("Event", number, AvroSchema.of(_record(field)))
        for number, field in enumerate(versions, 1)
    ]
    schemas[0].schema.definition["fields"][0]["default"] = 0
    with pytest.raises(IncompatibleSchemaError) as found:
        check_full_transitive(schemas)
    assert {found.value.reader, found.value.writer} == {"v1", "v3"}


def _record(field: dict[str, Any] | None) -> dict[str, Any]:
    fields = [] if field is None else [field]
    return {"type": "record", "name": "Event", "namespace": "joblog", "fields": fields}
