"""The outbox for Django: a job is submitted when the transaction is committed, see `transaction.atomic`.

Add `"joblog.outbox.django"` to `INSTALLED_APPS`; `manage.py migrate` then makes the table.
"""

from typing import Unpack

from django.apps import apps as installed  # `apps` is a module of this package
from pydantic import BaseModel

from joblog.client.payloads import Payload, Target
from joblog.client.submissions import Options, Submission
from joblog.outbox.entry import entries

__all__ = ["submit"]


def submit(
    target: Target,
    payload: BaseModel | Payload,
    *,
    using: str | None = None,
    **options: Unpack[Options],
) -> str:
    """Submit a job in the transaction that the database's connection is in; without one, at once.

    Args:
        target: the job type, or its handler.
        payload: the handler's argument.
        using: alias of the database. Defaults to what Django's routers say for the outbox's model.
        options: what else there is to say, see `joblog.Options`.

    Returns:
        The job's id. The job does not exist unless the transaction is committed.

    Raises:
        SubmissionRefusedError: an argument breaks its rule; nothing was written.
        PayloadTypeError: the payload's model has no Avro schema; nothing was written.
        PayloadRejectedError: a value does not fit that schema; nothing was written.
        RecordTooLargeError: the job is larger than the settings allow; nothing was written.
        SettingsError: settings of the environment make no sense; nothing was written.
        django.db.Error: the database refuses the row.
    """
    entry = entries().of(Submission(target, payload, **options))
    model = installed.get_model("joblog_outbox", "OutboxEntry")
    model.objects.using(using).create(**entry._asdict())
    return entry.job_id
