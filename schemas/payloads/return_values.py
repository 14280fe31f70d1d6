"""The record around a handler's result that is no model: in Avro, a value has to be part of one.

Its name is in a namespace. Names of models are in none, so no model's schema is taken for it.
"""

from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

from pydantic import BaseModel, create_model

from joblog.schemas.avro_schema import AvroSchema

NAMESPACE: Final = "joblog_result"
"""Not below `joblog`: those are the events."""


class ReturnValue(BaseModel):
    """Base of such records; each has a `value`."""


def return_value(returns: Any) -> type[ReturnValue]:  # noqa: ANN401 - any annotation
    """Return the record for values of a type."""
    return create_model("ReturnValue", __base__=ReturnValue, value=(returns, ...))


def is_return_value(schema: AvroSchema) -> bool:
    """Return whether a schema is that of such a record."""
    return schema.name.startswith(f"{NAMESPACE}.")


def named(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the definition of such a record with its full name.

    Nobody could rename it when fingerprints, which leave logical types out, take `int` for `datetime`; so
    these are part of its name.
    """
    logical_types = AvroSchema.of(definition).logical_types()
    suffix = f"_{crc32(repr(logical_types).encode()):08x}" if logical_types else ""
    return {**definition, "name": f"{NAMESPACE}.{definition['name']}{suffix}"}
