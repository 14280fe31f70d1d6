"""A version of JobCancelRequested that no schema file has."""

import json
from pathlib import Path
from typing import Any, Final

from joblog.schemas.avro_schema import AvroSchema

SCHEMA_FILES: Final = Path(__file__).parents[3] / "schemas" / "avro"


def _future() -> AvroSchema:
    path = SCHEMA_FILES / "events" / "JobCancelRequested" / "v1.avsc"
    definition: dict[str, Any] = json.loads(path.read_text())
    definition["fields"].append({"name": "urgency", "type": "int", "default": 0})
    return AvroSchema.of(definition)


FUTURE: Final = _future()
