"""Every committed version of every event means and encodes to what it always did."""

import pytest

from joblog.schemas.catalog import committed
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDispatched
from tests.unit.schemas.examples import MODELS, ROOT, VERSIONS, encoded, path_of, read_example

CODEC = Codec()

USUAL = {"JobSubmitted": {"generation"}, "JobDeferred": {"generation"}}
"""Only the first generation is submitted, and only it is deferred."""


def test_every_committed_version_has_an_example_and_every_example_a_version() -> None:
    wanted = {path_of(*version) for version in VERSIONS}
    found = {path for path in ROOT.rglob("*") if path.is_file()}
    assert found - wanted == set(), "examples of no committed version"
    assert wanted - found == set(), (
        'missing examples: write {"event": …, "value": ""}; the next test says the value'
    )


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_an_event_has_the_bytes_of_its_example(name: str, version: int) -> None:
    event, value = read_example(name, version)
    assert encoded(event, version).hex() == value.hex()
    assert CODEC.decode(value) == event


@pytest.mark.parametrize("name", MODELS)
def test_the_newest_version_is_what_is_written(name: str) -> None:
    version = max(version for known, version in VERSIONS if known == name)
    event, value = read_example(name, version)
    assert CODEC.encode(event) == value


def test_an_event_has_the_bytes_that_it_always_had_until_it_says_something_new() -> None:
    first, newest = read_example("JobSubmitted", 1), read_example("JobSubmitted", 2)
    assert CODEC.encode(first.event) == first.value
    plain = newest.event.model_copy(update={"ordering_key": None})
    assert CODEC.encode(plain) == encoded(plain, 1)
    assert CODEC.decode(encoded(plain, 2)) == plain


@pytest.mark.parametrize(
    "version", [version for name, version in VERSIONS if name == "JobDispatched"]
)
def test_a_dispatch_carries_the_bytes_of_a_submission(version: int) -> None:
    dispatch, _ = read_example("JobDispatched", version)
    assert isinstance(dispatch, JobDispatched)
    submissions = {read_example(*found).value for found in VERSIONS if found[0] == "JobSubmitted"}
    assert dispatch.submission in submissions


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_an_example_has_no_field_at_its_default(name: str, version: int) -> None:
    """A codec could drop such a field unnoticed."""
    datum = read_example(name, version).event.model_dump()
    (fields,) = (
        found.schema.definition["fields"]
        for found in committed("events")
        if (found.name, found.version) == (name, version)
    )
    at_default = {
        field["name"]
        for field in fields
        if "default" in field and datum[field["name"]] == field["default"]
    }
    assert at_default <= USUAL.get(name, set())
