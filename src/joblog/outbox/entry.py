"""What stands in an outbox for a job, and how it is made: no I/O."""

import os
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from joblog.client.author import author
from joblog.client.errors import SubmissionRefusedError
from joblog.client.ids import Uuid7
from joblog.client.payloads import order_of
from joblog.client.records import Records
from joblog.client.submissions import Submission, Submissions
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.machine_clock import now_ms
from joblog.streams.record_checks import size_of
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topic import Topic
from joblog.streams.topics import TopicMap

NUL: Final = "\x00"


class Entry(NamedTuple):
    """A submission in an outbox, by the columns of its table.

    Attributes:
        job_id: the job's id, also its record key.
        record: the framed `JobSubmitted`: what the relay publishes, byte for byte.
        payload_schema: the schema of its payload in JSON, which the relay announces first.
        traceparent: W3C trace context that the job continues.
    """

    job_id: str
    record: bytes
    payload_schema: str
    traceparent: str | None


class Entries:
    """Makes entries of submissions, by the rules of `Client.submit`.

    Args:
        settings: limits and partitions of the log, which nobody can be asked for here.
        submitter: who submits where a submission does not say it.
        clock: gives ms since the Unix epoch.
        randomness: gives so many unpredictable bytes.
    """

    def __init__(
        self,
        settings: Settings,
        submitter: str,
        clock: Callable[[], int],
        randomness: Callable[[int], bytes],
    ) -> None:
        new_id, topics = Uuid7(clock, randomness), TopicMap.of(settings)
        self._submissions = Submissions(new_id, clock, submitter, settings.partitions)
        self._records = Records(topics, new_id, clock)
        self._events = topics.events
        self._max_bytes = settings.limits.max_submission_bytes

    def of(self, submission: Submission) -> Entry:
        """Return the entry of a submission.

        Raises:
            SubmissionRefusedError: an argument breaks its rule, or PostgreSQL cannot hold it.
            PayloadTypeError: the payload's model has no Avro schema.
            PayloadRejectedError: a value does not fit that schema.
            RecordTooLargeError: the job is larger than the settings allow.
        """
        order = order_of(submission.target, submission.payload)
        event = self._submissions.event(order, submission.options)
        traceparent = submission.options.get("traceparent")
        _refuse_nul("idempotency_key", event.idempotency_key)
        _refuse_nul("traceparent", traceparent)
        record = self._records.submission(event, traceparent, self._max_bytes)
        refuse_oversize(record, self._events)
        return Entry(event.job_id, record.value or b"", order.payload.schema.to_json(), traceparent)


@cache
def entries() -> Entries:
    """Return what makes the entries of this process, by the settings of its environment.

    Raises:
        SettingsError: settings make no sense.
    """
    return Entries(Settings(), author(), now_ms, os.urandom)


os.register_at_fork(after_in_child=entries.cache_clear)  # its author has another process id


def refuse_oversize(record: Outbound, topic: Topic) -> None:
    """Refuse a record that is larger than its topic takes, headers included.

    Raises:
        RecordTooLargeError: it is.
    """
    size = size_of(record)
    if size > topic.max_record_bytes:
        raise RecordTooLargeError(topic.name, size, topic.max_record_bytes)


def _refuse_nul(argument: str, value: str | None) -> None:
    if value is not None and NUL in value:
        rule = "text in PostgreSQL holds no NUL character: leave it out"
        raise SubmissionRefusedError(argument, repr(value), rule)
