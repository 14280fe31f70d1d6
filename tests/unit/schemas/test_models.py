"""Models and Avro schemas say the same: fields, order, defaults."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from joblog.schemas.catalog import committed, latest
from joblog.schemas.models import EVENTS, Cause, Failure, Header, OriginalRecord, RetryPolicy
from joblog.schemas.models.envelope import JobEvent
from joblog.schemas.state import HeldRecord, JobRow, LogPosition, LostTopic, Opening

ENVELOPE = ["event_id", "job_id", "generation", "time", "cause", "correlation_id"]
"""How the schema of each event of a job begins; models inherit these fields."""

NESTED = (Cause, Failure, Header, OriginalRecord, RetryPolicy)
REQUIRED = object()


def records_in(schema: object) -> Iterator[Mapping[str, Any]]:
    """Yield all record definitions in a schema."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "record":
            yield schema
        for value in schema.values():
            yield from records_in(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from records_in(item)


def avro_defaults(schema: Mapping[str, Any]) -> dict[str, object]:
    return {field["name"]: field.get("default", REQUIRED) for field in schema["fields"]}


def model_defaults(model: type[BaseModel]) -> dict[str, object]:
    return {name: _default(field) for name, field in model.model_fields.items()}


def _default(field: FieldInfo) -> object:
    if field.is_required():
        return REQUIRED
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return default.model_dump()
    return list(default) if isinstance(default, tuple) else default


def test_each_schema_of_an_event_has_a_model_and_each_model_a_schema() -> None:
    assert set(latest("events")) == {model.__name__ for model in EVENTS}


@pytest.mark.parametrize("model", EVENTS)
def test_an_event_has_the_fields_of_its_schema(model: type[BaseModel]) -> None:
    schema = latest("events")[model.__name__].definition
    assert model_defaults(model) == avro_defaults(schema)


@pytest.mark.parametrize("model", EVENTS)
def test_they_stand_in_the_same_order(model: type[BaseModel]) -> None:
    fields = [field["name"] for field in latest("events")[model.__name__].definition["fields"]]
    if not issubclass(model, JobEvent):
        assert list(model.model_fields) == fields
        return
    assert fields[: len(ENVELOPE)] == ENVELOPE
    own = [name for name in model.model_fields if name not in ENVELOPE]
    assert fields[len(ENVELOPE) :] == own


@pytest.mark.parametrize("folder", ["events", "state"])
@pytest.mark.parametrize("model", NESTED)
def test_a_record_within_is_the_same_everywhere(model: type[BaseModel], folder: str) -> None:
    for schema in latest(folder).values():
        for record in records_in(schema.definition):
            if record["name"] == model.__name__:
                assert model_defaults(model) == avro_defaults(record)
                assert list(model.model_fields) == [field["name"] for field in record["fields"]]


ROWS = {
    "JobRow": [*Opening._fields[:-2], *JobRow._fields[1:]],
    "LogPosition": LogPosition._fields,
    "HeldRecord": HeldRecord._fields,
    "LostTopic": LostTopic._fields,
}
"""Fields of the rows; an opening's last ones hold its ordering key and its bytes, a job's first the opening."""


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_a_table_has_the_fields_of_its_schema_in_order(name: str) -> None:
    fields = latest("state")[name].definition["fields"]
    assert list(ROWS[name]) == [field["name"] for field in fields]
    assert set(latest("state")) == set(ROWS)


@pytest.mark.parametrize("folder", ["events", "state"])
def test_versions_are_numbered_from_1_without_holes(folder: str) -> None:
    versions: dict[str, list[int]] = {}
    for found in committed(folder):
        versions.setdefault(found.name, []).append(found.version)
        assert found.schema.name == f"joblog.{found.name}"
    assert versions
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in versions.values())


@pytest.mark.parametrize("folder", ["events", "state"])
def test_no_two_versions_have_the_same_fingerprint(folder: str) -> None:
    fingerprints = [found.schema.fingerprint for found in committed(folder)]
    assert len(set(fingerprints)) == len(fingerprints)
