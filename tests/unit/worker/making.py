"""Makes what the tests are about."""

from typing import Any

from aiokafka import TopicPartition

from joblog.processors.worker.attempt import Attempt, Origin
from joblog.processors.worker.call import Call
from joblog.processors.worker.claims import ClaimLedger
from joblog.processors.worker.handlers import Handler
from joblog.processors.worker.submission import SubmissionRejectedError, submission_of
from joblog.processors.worker.tenure import Tenure
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.models import Cause, Event, JobDispatched, JobSubmitted
from joblog.schemas.payloads import encode_payload, payload_schema
from joblog.streams.records import Inbound, Outbound
from tests.unit.worker.jobs import REGISTRY, Number

EVENTS = "t.events"
WORK = "t.work.default"
LOG_ID = "the-log"
CODEC = Codec()
UNKNOWN = object()


def submission(type_: str = "echo", n: int = 0, number: int = 0, **fields: Any) -> JobSubmitted:  # noqa: ANN401
    """Make the submission of job `n`, with a payload of Number."""
    made: dict[str, Any] = {
        "event_id": f"submission-{n}",
        "time": 1,
        "job_id": f"job-{n}",
        "type": type_,
        "payload": encode_payload(Number(n=number)),
        "payload_schema": payload_schema(Number).fingerprint,
    }
    return JobSubmitted(**(made | fields))


def dispatch(type_: str = "echo", n: int = 0, number: int = 0, **fields: Any) -> JobDispatched:  # noqa: ANN401
    """Make the dispatch of job `n`; fields that a dispatch does not have are those of its submission."""
    own = {name: value for name, value in fields.items() if name in JobDispatched.model_fields}
    submitted = {name: value for name, value in fields.items() if name not in own}
    made: dict[str, Any] = {
        "event_id": f"0-{n}-0",
        "time": 1,
        "job_id": f"job-{n}",
        "cause": Cause(topic=EVENTS, partition=0, offset=n, index=0),
        "attempt": 1,
        "type": type_,
        "submitted_at": 1,
        "submission": CODEC.encode(submission(type_, n, number, **submitted)),
    }
    return JobDispatched(**(made | own))


def call(
    event: JobDispatched, writer: AvroSchema | None = None, traceparent: str | None = None
) -> Call:
    """Make the call of a dispatch's handler."""
    return Call(event, submission_of(event, CODEC), writer, traceparent)


def record(event: Event | None, offset: int = 0, value: bytes | None = None) -> Inbound:
    """Make a record of the work topic."""
    value = CODEC.encode(event) if event is not None else value
    headers = (("traceparent", b"00-trace-span-01"),)
    return Inbound(WORK, 0, offset, 1_000, b"key", value, headers)


def tenure(offset: int = 0, former: str = "") -> Tenure:
    """Make the tenure of a partition whose next record is at an offset."""
    return Tenure(TopicPartition(WORK, 0), ClaimLedger(LOG_ID, "me", offset), former, "topic")


def attempt(
    event: JobDispatched | None = None,
    offset: int = 0,
    *,
    under: Tenure | None = None,
    handler: object = UNKNOWN,
) -> Attempt:
    """Make an attempt that is claimed."""
    event = event or dispatch(n=offset)
    under = under or tenure(offset)
    under.ledger.arrive(offset, (event.cause.offset, event.cause.index))
    under.ledger.claim(offset)
    found = REGISTRY.get(event.type) if handler is UNKNOWN else handler
    assert found is None or isinstance(found, Handler)
    made = Attempt(event, Origin.of(record(event, offset)), under, found)
    try:
        made.submission = submission_of(event, CODEC)
    except SubmissionRejectedError as error:
        made.rejection = str(error)
    return made


def decoded(outbound: Outbound) -> Event:
    """Return the event in a record."""
    return CODEC.decode(outbound.value or b"")
