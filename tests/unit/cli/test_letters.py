"""`joblog dlq show`: what can be shown of a payload, and what cannot."""

from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from joblog.cli.letters import payload_of
from joblog.processors.dead_letters.letters import DeadLetter
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.codec import Codec
from joblog.schemas.models import JobDeadLettered, JobSubmitted, OriginalRecord
from joblog.schemas.payloads import encode_payload, payload_schema

AVRO, JSON = "application/avro", "application/json"


class Mail(BaseModel):
    to: str


SCHEMA = payload_schema(Mail)
BODY = encode_payload(Mail(to="Åda"))
ANNOUNCED = {SCHEMA.fingerprint: SCHEMA}


def letter(payload: bytes, content_type: str) -> DeadLetter:
    submitted = JobSubmitted(
        event_id="s",
        time=1,
        job_id="job-1",
        type="send-mail",
        payload=payload,
        payload_schema=SCHEMA.fingerprint,
        payload_content_type=content_type,
    )
    original = OriginalRecord(
        topic="events",
        partition=1,
        offset=3,
        timestamp=1,
        key=b"job-1",
        value=Codec().encode(submitted),
    )
    event = JobDeadLettered(
        event_id="d", time=1, job_id="job-1", generation=1, reason="fatal", original=original
    )
    return DeadLetter(1, 17, 1_000, event)


@pytest.mark.parametrize(
    ("payload", "content_type", "schemas", "shown"),
    [
        (BODY, AVRO, ANNOUNCED, {"to": "Åda"}),
        (BODY, AVRO, {}, None),
        (b"\xff", AVRO, ANNOUNCED, None),
        ('{"to": "Åda"}'.encode(), JSON, {}, {"to": "Åda"}),
        (b"{to: ada}", JSON, {}, "{to: ada}"),
        (b"\xff", JSON, {}, "\N{REPLACEMENT CHARACTER}"),
        (b"to=ada", "text/plain", ANNOUNCED, None),
    ],
    ids=["Avro", "unknown schema", "no Avro", "JSON", "no JSON", "no text", "another type"],
)
def test_a_payload_is_shown_as_far_as_it_can_be_read(
    payload: bytes, content_type: str, schemas: Mapping[bytes, AvroSchema], shown: object
) -> None:
    assert payload_of(letter(payload, content_type), schemas) == shown
