"""What a client writes, as records for Kafka."""

from collections.abc import Callable
from typing import Final

from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobCancelRequested, JobEvent, JobSubmitted, SchemaAnnounced
from joblog.streams.cloudevents import headers_for
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.records import Outbound
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/client"


class Records:
    """Encodes events and gives them their places.

    Args:
        topics: the topics of the log.
        new_id: makes event ids.
        clock: gives ms since the Unix epoch.
    """

    def __init__(
        self, topics: TopicMap, new_id: Callable[[], str], clock: Callable[[], int]
    ) -> None:
        self._topics = topics
        self._new_id = new_id
        self._clock = clock
        self._codec = Codec()

    def submission(self, event: JobSubmitted, traceparent: str | None, max_bytes: int) -> Outbound:
        """Return the record of a submission.

        Raises:
            RecordTooLargeError: its value has more than `max_bytes` bytes.
        """
        return self.encoded_submission(event, self._codec.encode(event), traceparent, max_bytes)

    def encoded_submission(
        self, event: JobSubmitted, value: bytes, traceparent: str | None, max_bytes: int
    ) -> Outbound:
        """Return the record of a submission whose value was encoded before, of whatever version.

        Raises:
            RecordTooLargeError: the value has more than `max_bytes` bytes.
        """
        if len(value) > max_bytes:
            raise RecordTooLargeError(self._topics.events.name, len(value), max_bytes)
        return self._of_job(event, value, traceparent)

    def cancel_request(
        self, job_id: str, generation: int, requested_by: str, reason: str
    ) -> Outbound:
        """Return the record that asks for a cancel of one generation of a job."""
        event = JobCancelRequested(
            event_id=self._new_id(),
            time=self._clock(),
            job_id=job_id,
            generation=generation,
            requested_by=requested_by,
            reason=reason,
        )
        return self._of_job(event, self._codec.encode(event))

    def schema(self, schema: AvroSchema) -> Outbound:
        """Return the record that announces a schema; it is the same each time but for its time."""
        fingerprint = schema.fingerprint.hex()
        event = SchemaAnnounced.of(schema, self._clock())
        headers = headers_for("SchemaAnnounced", event.event_id, event.time, SOURCE)
        value = self._codec.encode(event)
        return Outbound(self._topics.schemas.name, 0, fingerprint.encode(), value, headers)

    def _of_job(self, event: JobEvent, value: bytes, traceparent: str | None = None) -> Outbound:
        topic, key = self._topics.events, event.key
        name = type(event).__name__
        headers = headers_for(name, event.event_id, event.time, SOURCE, traceparent)
        partition = partition_of(key, topic.partitions)
        return Outbound(topic.name, partition, key, value, headers)
