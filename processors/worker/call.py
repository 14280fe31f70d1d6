"""What a handler is called for; it can be sent to a child process."""

from typing import NamedTuple

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import JobDispatched, JobSubmitted


class Call(NamedTuple):
    """An attempt to be run.

    Attributes:
        dispatch: the dispatch.
        submission: the submission that it carries.
        writer: schema that wrote the payload; None where it is the handler's own.
        traceparent: W3C trace context.
    """

    dispatch: JobDispatched
    submission: JobSubmitted
    writer: AvroSchema | None = None
    traceparent: str | None = None
