"""What an answer shows of a job."""

import base64
from typing import Any

from joblog.schemas.state import JobRow


def job_as_json(row: JobRow, waits_for: str | None = None) -> dict[str, Any]:
    """Return a row for JSON: bytes in base64, without the submission; with its ordering key where it has one.

    Args:
        row: the row.
        waits_for: the job whose turn it is, where this one is blocked.
    """
    fields = row.fields()
    del fields["submission"], fields["headers"], fields["wake_at"]
    for name in ("result", "result_schema"):
        if fields[name] is not None:
            fields[name] = base64.b64encode(fields[name]).decode()
    if row.failure is not None:
        fields["failure"] = row.failure.model_dump()
    if row.opening.ordering_key is not None:
        fields["ordering_key"] = row.opening.ordering_key
        fields["waits_for"] = waits_for
    return fields
