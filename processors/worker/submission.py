"""The submission that a dispatch carries."""

from joblog.processors.worker.handlers import Handler
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError
from joblog.schemas.models import JobDispatched, JobSubmitted
from joblog.schemas.models.jobs import AVRO, PAYLOAD_CONTENT_TYPES


class SubmissionRejectedError(Exception):
    """No attempt can be made with what a dispatch carries; the message is for people."""


def submission_of(dispatch: JobDispatched, codec: Codec) -> JobSubmitted:
    """Return the submission.

    Raises:
        UnknownSchemaError: its schema has not been announced yet.
        SubmissionRejectedError: it is none, or its payload is of a type that no worker reads.
    """
    try:
        found = codec.decode(dispatch.submission)
    except UndecodableError as error:
        raise SubmissionRejectedError(f"the submission in the dispatch: {error}") from error
    if not isinstance(found, JobSubmitted):
        name = type(found).__name__
        raise SubmissionRejectedError(f"the dispatch carries {name}, not JobSubmitted")
    if found.payload_content_type not in PAYLOAD_CONTENT_TYPES:
        allowed = " or ".join(PAYLOAD_CONTENT_TYPES)
        raise SubmissionRejectedError(
            f"its payload_content_type is {found.payload_content_type!r}: write {allowed}"
        )
    return found


def foreign_schema(submission: JobSubmitted, handler: Handler) -> bytes | None:
    """Return the fingerprint of the schema to read a payload by; None: the handler's own, or JSON needs none."""
    if submission.payload_content_type != AVRO:
        return None
    fingerprint = submission.payload_schema
    return None if fingerprint == handler.schema.fingerprint else fingerprint
