"""Jobs from JSON lines."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from joblog.cli.bulk.rows import Job, Refused, Rows
from joblog.cli.payload_type import PayloadForm
from joblog.client.errors import JsonMismatchError


def json_rows(lines: Iterable[bytes], form: PayloadForm, key_field: str | None) -> Rows:
    """Yield a job for each line that is not empty, or why it is none.

    Args:
        lines: one document each.
        form: what payloads look like.
        key_field: has the idempotency key. Where payloads have no such field it is taken out.
    """
    key = None if key_field is None else _Key(key_field, key_field not in form.field_names)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _row(number, line, form, key)


class _Key(NamedTuple):
    field: str
    is_apart: bool


def _row(number: int, line: bytes, form: PayloadForm, key: _Key | None) -> Job | Refused:
    text = line.decode(errors="replace").rstrip("\r\n")
    try:
        document, value = (line, None) if key is None else _without_key(line, form, key)
        return Job(number, number, form.payload(document), value, text)
    except JsonMismatchError as error:
        return Refused(number, number, str(error), text)


def _without_key(line: bytes, form: PayloadForm, key: _Key) -> tuple[bytes, str]:
    name = form.schema.name
    try:
        document: Any = from_json(line)
    except ValueError as error:
        raise JsonMismatchError(name, "", f"it is no JSON: {error}") from None
    value = document.get(key.field) if isinstance(document, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        rule = "it is the idempotency key, so give a text that is not empty, or a whole number"
        raise JsonMismatchError(name, key.field, rule)
    if not key.is_apart:
        return line, str(value)
    del document[key.field]
    return to_json(document), str(value)
