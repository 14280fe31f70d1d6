"""The submission that a dispatch carries."""

from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError
from joblog.schemas.models import JobDispatched, JobSubmitted
from joblog.schemas.models.jobs import AVRO


class SubmissionRejectedError(Exception):
    """No attempt can be made with what a dispatch carries; the message is for people."""


def submission_of(dispatch: JobDispatched, codec: Codec) -> JobSubmitted:
    """Return the submission.

    Raises:
        UnknownSchemaError: its schema has not been announced yet.
        SubmissionRejectedError: it is none, or its payload is no Avro.
    """
    try:
        found = codec.decode(dispatch.submission)
    except UndecodableError as error:
        raise SubmissionRejectedError(f"the submission in the dispatch: {error}") from error
    if not isinstance(found, JobSubmitted):
        name = type(found).__name__
        raise SubmissionRejectedError(f"the dispatch carries {name}, not JobSubmitted")
    if found.payload_content_type != AVRO:
        raise SubmissionRejectedError(
            f"its content type is {found.payload_content_type!r}: use {AVRO}"
        )
    return found
