"""What a handler returned, as the value that it was."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final, TypeVar

from fastavro import parse_schema, schemaless_reader
from pydantic import TypeAdapter, ValidationError

from joblog.client.errors import ResultUnreadableError
from joblog.client.job import Job
from joblog.schemas.avro_schema import AvroSchema

WRAPPER: Final = "Result"
"""Record that workers put values into that are no models, as its `value`."""

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
    return datum["value"] if schema.name == WRAPPER else datum


def validated(job: Job, value: object, type_: type[T]) -> T:
    """Return a result as an instance of a type.

    Raises:
        ResultUnreadableError: it is none.
    """
    try:
        return TypeAdapter(type_).validate_python(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"])) or "it"
        words = f"{where}: {problem['msg']}; ask for the type that its handler returns"
        raise ResultUnreadableError(job.job_id, words) from None
