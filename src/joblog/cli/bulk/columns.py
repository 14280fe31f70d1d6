"""The columns of CSV: the fields of a payload, and the idempotency key."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from joblog.cli.bulk.cells import Cell, cell_for, named_in
from joblog.cli.bulk.errors import ColumnsRefusedError
from joblog.client.errors import JsonMismatchError
from joblog.schemas.avro_schema import AvroSchema

WHOLE_DOCUMENT = "the payload's schema is no record: submit JSON lines"


class Column(NamedTuple):
    """A field of the payload: its place in a row, its name and its JSON form, and whether it may be left out."""

    place: int
    name: str
    json_name: str
    cell: Cell
    has_default: bool
    takes_empty: bool


class Columns:
    """Reads rows by the header of their file.

    Args:
        header: the names.
        schema: the payload's.
        key: the column that has the idempotency key, which may be a field of the payload too.

    Raises:
        ColumnsRefusedError: a column is no field, stands twice or is missing.
    """

    def __init__(self, header: Sequence[str], schema: AvroSchema, key: str | None) -> None:
        fields = _fields_of(schema)
        _check(header, fields, key)
        named = dict(named_in(schema.definition))
        self._schema = schema.name
        self._width = len(header)
        self._key = None if key is None else header.index(key)
        self._key_name = key or ""
        self._columns = [
            _column(place, fields[name], named)
            for place, name in enumerate(header)
            if name in fields
        ]

    def document(self, cells: Sequence[str]) -> str:
        """Return a row's payload as JSON.

        Raises:
            JsonMismatchError: a cell is none of its type, or there are more or fewer than columns.
        """
        if len(cells) != self._width:
            rule = f"the line has {len(cells)} cells, and the header names {self._width}"
            raise JsonMismatchError(self._schema, "", rule)
        members = []
        for place, name, json_name, cell, has_default, takes_empty in self._columns:
            text = cells[place]
            if not text and has_default and not takes_empty:
                continue
            try:
                members.append(json_name + cell(text))
            except ValueError as error:
                raise JsonMismatchError(self._schema, name, str(error)) from None
        return "{" + ",".join(members) + "}"

    def key(self, cells: Sequence[str]) -> str | None:
        """Return a row's idempotency key, None where there is no column of keys.

        Raises:
            JsonMismatchError: the cell is empty.
        """
        if self._key is None:
            return None
        if not cells[self._key]:
            rule = "it is the idempotency key, so the cell may not be empty"
            raise JsonMismatchError(self._schema, self._key_name, rule)
        return cells[self._key]


def _fields_of(schema: AvroSchema) -> dict[str, Any]:
    if schema.definition.get("type") != "record":
        raise ColumnsRefusedError((), (), (), WHOLE_DOCUMENT)
    return {field["name"]: field for field in schema.definition["fields"]}


def _check(header: Sequence[str], fields: dict[str, Any], key: str | None) -> None:
    wanted = {name for name, field in fields.items() if "default" not in field}
    if key is not None:
        wanted.add(key)
    unknown = tuple(name for name in header if name not in fields and name != key)
    missing = tuple(sorted(wanted - set(header)))
    twice = tuple(name for name, count in Counter(header).items() if count > 1)
    if unknown or missing or twice:
        raise ColumnsRefusedError(unknown, missing, twice)


def _column(place: int, field: dict[str, Any], named: dict[str, Any]) -> Column:
    name, type_ = field["name"], field["type"]
    nullable = isinstance(type_, list) and "null" in type_
    return Column(
        place,
        name,
        f'"{name}":',
        cell_for(type_, named),
        has_default="default" in field,
        takes_empty=nullable or type_ == "string",
    )
