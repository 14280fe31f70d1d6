"""What a handler returned, as the value that it was."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, TypeVar

from fastavro import parse_schema, schemaless_reader
from pydantic import TypeAdapter, ValidationError

from joblog.client.errors import ResultUnreadableError
from joblog.client.job import Job
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads import is_return_value
from joblog.schemas.problems import problem_in

T = TypeVar("T")


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


def validated(job: Job, value: object, type_: type[T]) -> T:
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
