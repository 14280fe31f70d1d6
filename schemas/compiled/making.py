"""All functions that can be made beforehand, as one module: the compiled wheel has it, a clone makes them anew."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from typing import Any, Final

from pydantic import BaseModel

from joblog.schemas.compiled.builder import add_builder
from joblog.schemas.compiled.reader import add_reader
from joblog.schemas.compiled.source import Module, UnsupportedError
from joblog.schemas.compiled.writer import ATTRIBUTE, add_writer

MADE: Final = "joblog.schemas.compiled.made"

WRITER: Final = "writer"
OBJECT_WRITER: Final = "object writer"
READER: Final = "reader"
BUILDER: Final = "builder"
"""What a function is; with a schema's fingerprint or a model it is known by."""

OFTEN: Final = frozenset(
    {
        *("JobSubmitted", "JobDispatched", "JobDeferred", "RetryScheduled", "DelayElapsed"),
        *("AttemptStarted", "AttemptHeartbeat", "AttemptSucceeded", "AttemptFailed"),
    }
)
"""The events of nearly every record; all others are few, and a longer module takes minutes to compile."""


@cache
def made() -> Mapping[tuple[str, object], Any]:
    """Return the functions that were made when the wheel was built, none in a clone."""
    try:
        functions: Mapping[tuple[str, object], Any] = import_module(MADE).FUNCTIONS
    except ModuleNotFoundError:
        return {}
    return functions


def module_text() -> str:
    """Return the source of that module: for the events that come often, and the parts of rows."""
    module = Module()
    entries = []
    for key, add in _wanted(module):
        try:
            entries.append(f"    {key}: {add()},")
        except UnsupportedError:
            continue  # fastavro or pydantic will do it
    return module.text("\n".join(("FUNCTIONS = {", *entries, "}")))


def _wanted(module: Module) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield each key, as source, with what adds its function to the module."""
    from joblog.schemas.catalog import committed  # noqa: PLC0415 - they import this package
    from joblog.schemas.models import EVENTS, Cause  # noqa: PLC0415
    from joblog.schemas.state.job_row import CHANGING, FIXED  # noqa: PLC0415

    often = [model for model in EVENTS if model.__name__ in OFTEN]
    events = (found.schema for found in committed("events") if found.name in OFTEN)
    for schema in (*events, FIXED, CHANGING):
        key, parsed = repr(schema.fingerprint), schema.parsed
        yield f"({OBJECT_WRITER!r}, {key})", partial(add_writer, module, parsed, ATTRIBUTE)
        yield f"({READER!r}, {key})", partial(add_reader, module, parsed)
    models: tuple[type[BaseModel], ...] = (*often, Cause)
    for model in models:
        key = f"({BUILDER!r}, {module.of_class(model)})"
        yield key, partial(add_builder, module, model)
