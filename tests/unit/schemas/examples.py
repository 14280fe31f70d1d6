"""The golden examples: an event in JSON, and the bytes that its schema version gives it for ever."""

import json
from pathlib import Path
from typing import Final, NamedTuple

from joblog.schemas.catalog import committed
from joblog.schemas.framing import frame
from joblog.schemas.models import EVENTS, Event

ROOT: Final = Path(__file__).parents[3] / "schemas" / "examples"
MODELS: Final = {model.__name__: model for model in EVENTS}


class Example(NamedTuple):
    """An event, and its framed bytes in one version of its schema."""

    event: Event
    value: bytes


def path_of(name: str, version: int) -> Path:
    """Where the example of a schema version lies."""
    return ROOT / name / f"v{version}.json"


def read_example(name: str, version: int) -> Example:
    content = json.loads(path_of(name, version).read_text())
    event = MODELS[name].model_validate_json(json.dumps(content["event"]))
    return Example(event, bytes.fromhex(content["value"]))


def encoded(event: Event, version: int) -> bytes:
    """The framed bytes of an event in a version of its schema, newest or not."""
    (schema,) = (
        found.schema
        for found in committed("events")
        if (found.name, found.version) == (type(event).__name__, version)
    )
    return frame(schema.fingerprint, schema.write(event.model_dump()))


VERSIONS: Final = [(found.name, found.version) for found in committed("events")]
VALUES: Final = [read_example(*version).value for version in VERSIONS if path_of(*version).exists()]
