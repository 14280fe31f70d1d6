"""What a handler returned, as the value that it was."""

from collections.abc import Mapping
from inspect import isfunction
from io import BytesIO
from types import NoneType
from typing import Any, Final, Never, NoReturn, get_type_hints

from fastavro import parse_schema, schemaless_reader
from pydantic import TypeAdapter, ValidationError

from joblog.client.errors import ResultUnreadableError
from joblog.client.job import Job
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads import is_return_value
from joblog.schemas.problems import problem_in

_NOTHING: Final = (None, NoneType, NoReturn, Never)


def result_of(job: Job, schemas: Mapping[bytes, AvroSchema]) -> Any:  # noqa: ANN401 - any value
    """Return the result of a job: a dict where the handler returned a model, None where there is none.

    Args:
        job: the job.
        schemas: the announced schemas, by fingerprint.

    Raises:
        ResultUnreadableError: its schema was not announced.
    """
    if job.result is None or job.result_schema is None:
        return None
    schema = schemas.get(job.result_schema)
    if schema is None:
        words = f"its schema {job.result_schema.hex()} was never announced: restart its worker"
        raise ResultUnreadableError(job.job_id, words)
    parsed: Any = parse_schema(dict(schema.definition))
    datum: Any = schemaless_reader(BytesIO(job.result), parsed, None)
    return datum["value"] if is_return_value(schema) else datum


def returned_by(handler: Any) -> Any:  # noqa: ANN401 - any type
    """Return what a handler returns, by its annotation; a type returns itself."""
    if not isfunction(handler):
        return handler
    returns = get_type_hints(handler, include_extras=True).get("return")
    return type(None) if returns in _NOTHING else returns


def validated(job: Job, value: object, type_: Any) -> Any:  # noqa: ANN401 - any type
    """Return a result as an instance of a type.

    Raises:
        ResultUnreadableError: it is none.
    """
    try:
        return TypeAdapter(type_).validate_python(value)
    except ValidationError as error:
        problem = problem_in(error)
        words = (
            f"{problem.where or 'it'}: {problem.rule}; ask for the type that its handler returns"
        )
        raise ResultUnreadableError(job.job_id, words) from None
