"""A dead letter, for people and for programs."""

from collections.abc import Mapping
from json import dumps, loads
from typing import Any, Final

from joblog.cli.output import shortened, utc
from joblog.client.json_form import JsonForm
from joblog.processors.dead_letters.letters import DeadLetter
from joblog.processors.dead_letters.standing import Judged
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import JobSubmitted, jobs

LONGEST: Final = 80
"""Characters of a detail in a table."""

SHOWN_BYTES: Final = 512
"""Bytes of an original that a table shows; --json has all."""


def letter_row(letter: DeadLetter) -> tuple[object, ...]:
    """Return a dead letter's line in a list."""
    event = letter.event
    failure = event.failure and f"{event.failure.type}: {event.failure.message}"
    return (
        letter.reference,
        event.job_id or None,
        event.generation or None,
        letter.type,
        event.reason,
        event.attempts or None,
        utc(letter.timestamp),
        shortened(failure or event.detail, LONGEST),
    )


def letter_facts(judged: Judged, payload: object) -> list[tuple[str, object]]:
    """Return all about a dead letter and its job's payload, as names and values."""
    letter = judged.letter
    event = letter.event
    original = event.original
    facts: list[tuple[str, object]] = [
        ("standing", judged.standing),
        ("reason", event.reason),
        ("detail", event.detail),
        ("job", event.job_id or "none: a record"),
        ("generation", event.generation or None),
        ("type", letter.type),
        ("attempts", event.attempts or None),
        ("failure", event.failure and f"{event.failure.type}: {event.failure.message}"),
        ("stacktrace", event.failure and event.failure.stacktrace),
        ("log time (UTC)", utc(letter.timestamp)),
        ("original at", f"{original.topic}/{original.partition}@{original.offset}"),
        ("original time", utc(original.timestamp)),
        ("original key", _shown(original.key)),
        *((f"header {header.key}", _shown(header.value)) for header in original.headers),
        ("original value", _value(letter)),
        ("payload", None if payload is None else dumps(payload, ensure_ascii=False)),
    ]
    return [(name, value) for name, value in facts if value is not None]


def letter_as_json(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter for programs; bytes in base64."""
    return {
        "reference": letter.reference,
        "log_time": utc(letter.timestamp),
        "type": letter.type,
        **letter.event.model_dump(mode="json"),
    }


def payload_of(letter: DeadLetter, schemas: Mapping[bytes, AvroSchema]) -> Any:  # noqa: ANN401 - any JSON
    """Return the payload of a submission as JSON, None where it cannot be read: there may lie its fault."""
    submission = letter.original
    if not isinstance(submission, JobSubmitted):
        return None
    try:
        match submission.payload_content_type:
            case jobs.JSON:
                return _parsed(submission.payload)
            case jobs.AVRO if schema := schemas.get(submission.payload_schema):
                return JsonForm(schema).from_avro(submission.payload)
            case _:
                return None
    except Exception:  # noqa: BLE001 - whatever garbage makes fastavro raise
        return None


def _parsed(document: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return a JSON document; what is none, as text."""
    try:
        return loads(document)
    except ValueError:
        return document.decode(errors="replace")


def _value(letter: DeadLetter) -> str:
    original = letter.original
    if original is None:
        return _shown(letter.event.original.value)
    fields = original.model_dump(mode="json", exclude_defaults=True, exclude={"payload"})
    return f"{type(original).__name__} {dumps(fields, ensure_ascii=False)}"


def _shown(value: bytes | None) -> str:
    """Return text as text, and bytes in hexadecimal, cut to what fits."""
    if value is None:
        return "null"
    if value.isascii() and value.decode("ascii").isprintable():
        return value[:SHOWN_BYTES].decode("ascii")
    return f"{len(value)} bytes: {value[:SHOWN_BYTES].hex(' ', 4)}"
