"""From the values of a model to what fastavro writes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from pydantic import AnyUrl, BaseModel

_AS_THEY_ARE: Final = frozenset({str, int, float, bool, bytes, type(None)})


def to_datum(value: Any) -> Any:  # noqa: ANN401, PLR0911 - any value, a line for each kind
    """Return a value with the types that its Avro schema stands for.

    Raises:
        ValueError: a datetime has no time zone.
    """
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case BaseModel():
            return to_datum(value.model_dump())
        case Enum():
            return value.value
        case Mapping():
            return {key: to_datum(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_datum(one) for one in value]
        case timedelta():
            return value.total_seconds()
        case PurePath() | AnyUrl():
            return str(value)
        case datetime() if value.tzinfo is None:
            raise ValueError("a time without a zone is another one elsewhere: give it a zone")
        case _:
            return value
