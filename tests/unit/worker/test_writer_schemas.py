"""Announced schemas are learned once; what cannot be used is as good as not announced."""

from pydantic import BaseModel

from joblog.processors.worker.writer_schemas import WriterSchemas
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.catalog import committed
from joblog.schemas.codec import Codec
from joblog.schemas.models import Event, SchemaAnnounced
from joblog.schemas.payloads import payload_schema
from joblog.streams.records import Inbound
from tests.unit.worker.making import CODEC, dispatch


class Mail(BaseModel):
    to: str


MAIL = payload_schema(Mail)


class Learning:
    def __init__(self) -> None:
        self.codec = Codec()
        self.schemas = WriterSchemas(self.codec)
        self.heard: list[bytes] = []
        self.schemas.listen(self.heard.append)

    def learn(self, event: Event) -> None:
        self.schemas.learn(Inbound("t.schemas", 0, 0, 1, b"k", CODEC.encode(event)))


def announced(schema: AvroSchema, **changed: object) -> SchemaAnnounced:
    event = SchemaAnnounced.of(schema, 1)
    return event.model_copy(update=changed)


def test_a_payload_s_schema() -> None:
    learning = Learning()
    assert learning.schemas.get(MAIL.fingerprint) is None
    learning.learn(announced(MAIL))
    learned = learning.schemas.get(MAIL.fingerprint)
    assert learned is not None
    assert learned.to_json() == MAIL.to_json()
    assert learning.heard == [MAIL.fingerprint]
    learning.learn(announced(MAIL))
    assert learning.heard == [MAIL.fingerprint]
    assert learning.schemas.was_announced(MAIL.fingerprint)


def test_a_newer_version_of_an_event_is_known_to_the_codec() -> None:
    learning = Learning()
    newer = AvroSchema.of(
        {
            "type": "record",
            "name": "JobCancelRequested",
            "namespace": "joblog",
            "fields": [{"name": "brand_new", "type": "string"}],
        }
    )
    assert not learning.codec.knows(newer.fingerprint)
    learning.learn(announced(newer))
    assert learning.codec.knows(newer.fingerprint)
    assert learning.heard == [newer.fingerprint]


def test_a_schema_of_this_release_is_no_news_but_announced() -> None:
    learning = Learning()
    own = committed("events")[0].schema
    learning.learn(announced(own))
    assert learning.heard == []
    assert learning.schemas.was_announced(own.fingerprint)


def test_announcements_that_cannot_be_used() -> None:
    learning = Learning()
    learning.learn(announced(MAIL, definition="no json"))
    learning.learn(announced(MAIL, definition='{"type": "nothing"}'))
    learning.learn(announced(MAIL, fingerprint=b"12345678"))
    learning.learn(announced(MAIL, name="joblog.JobSubmitted", definition="{}"))
    learning.learn(dispatch())
    for value in (None, b"", b"garbage"):
        learning.schemas.learn(Inbound("t.schemas", 0, 0, 1, b"k", value))
    assert learning.heard == []
    learning.learn(announced(MAIL))
    assert learning.heard == [MAIL.fingerprint]
