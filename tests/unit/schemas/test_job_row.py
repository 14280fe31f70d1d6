"""A row has the bytes that its schema gives it, though what is fixed in it is encoded only once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.schemas.catalog import latest
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.framing import frame
from joblog.schemas.state import JobRow
from tests.unit.schemas.rows import ints, longs, ordered, rows

SCHEMA = latest("state")["JobRow"]


def assert_is_what_its_schema_says(row: JobRow) -> None:
    fields = row.fields()
    fields["headers"] = [header.model_dump() for header in row.opening.headers]
    fields["failure"] = None if row.failure is None else row.failure.model_dump()
    assert row.encode() == frame(SCHEMA.fingerprint, SCHEMA.write(fields))
    assert JobRow.decode(row.encode()) == row


@given(rows)
def test_a_row_has_the_bytes_of_its_schema_and_comes_back_from_them(row: JobRow) -> None:
    assert_is_what_its_schema_says(row)


@given(rows, ints, longs)
def test_a_reopened_generation_differs_in_what_is_said_and_nowhere_else(
    row: JobRow, generation: int, now: int
) -> None:
    changed: dict[str, Any] = {
        "generation": generation,
        "opened_at": now,
        "position": now,
        "deadline": None,
    }
    reopened = row._replace(opening=row.opening.reopened(**changed))
    assert reopened.fields() == row.fields() | changed
    assert_is_what_its_schema_says(reopened)


@given(rows, rows)
def test_an_opening_that_was_read_opens_other_rows_as_well(one: JobRow, other: JobRow) -> None:
    known = JobRow.decode(one.encode())
    assert_is_what_its_schema_says(other._replace(opening=known.opening))


@given(rows)
def test_its_ordering_key_is_that_of_its_submission(row: JobRow) -> None:
    is_ordered = row.opening.submission == ordered.value
    key = ordered.event.model_dump()["ordering_key"] if is_ordered else None
    assert row.opening.ordering_key == key
    assert JobRow.decode(row.encode()).opening.ordering_key == key


@given(rows)
def test_its_fields_are_those_of_the_schema_in_order(row: JobRow) -> None:
    assert list(row.fields()) == [field["name"] for field in SCHEMA.definition["fields"]]


@given(rows, st.data())
def test_a_row_that_is_cut_short_is_none(row: JobRow, data: st.DataObject) -> None:
    value = row.encode()
    cut = data.draw(st.integers(0, len(value) - 1))
    with pytest.raises(UndecodableError):
        JobRow.decode(value[:cut])


@given(rows, st.binary(min_size=1, max_size=8))
def test_nothing_may_follow_a_row(row: JobRow, rest: bytes) -> None:
    with pytest.raises(UndecodableError, match=f"{len(rest)} bytes follow"):
        JobRow.decode(row.encode() + rest)


@given(rows)
def test_a_row_of_an_unknown_version_says_so(row: JobRow) -> None:
    with pytest.raises(UnknownSchemaError):
        JobRow.decode(frame(b"unknown!", row.encode()[10:]))
