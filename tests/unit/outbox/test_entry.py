"""An entry leads to the record that a client would have sent, and is refused as a client refuses."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog import Client, JoblogError, Settings, SubmissionRefusedError
from joblog.client.connection import Ports
from joblog.client.submissions import Submission
from joblog.outbox.entry import Entries, entries
from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.errors import RecordTooLargeError
from joblog.streams.kafka.publisher import KafkaPublisher
from joblog.streams.records import Outbound, Position
from tests.unit.outbox.made import (
    MAIL,
    MAX_BYTES,
    NOW,
    SETTINGS,
    Mail,
    assessor,
    entry_of,
    now,
    randomness,
    waiting,
)

NAMES = st.text(st.characters(blacklist_categories=["C"]), min_size=1, max_size=20)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "queue": NAMES,
        "priority": st.integers(0, 9),
        "tenant": NAMES,
        "owner": NAMES,
        "idempotency_key": NAMES,
        "timeout": st.timedeltas(timedelta(), timedelta(days=1)),
        "delay": st.timedeltas(timedelta(), timedelta(days=1)),
        "deadline": st.integers(0, 4_000_000_000).map(lambda at: datetime.fromtimestamp(at, UTC)),
        "labels": st.dictionaries(NAMES, NAMES, max_size=3),
        "correlation_id": NAMES,
        "submitter": NAMES,
        "traceparent": st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    },
)
ORDERED = st.tuples(OPTIONS, NAMES).map(
    lambda found: {
        **{name: value for name, value in found[0].items() if name != "idempotency_key"},
        "ordering_key": found[1],
    }
)
MAILS = st.builds(Mail, to=NAMES, body=st.text(st.characters(codec="utf-8"), max_size=50))


class Captured:
    """Stands in for a client's connection: keeps what it is to send."""

    types: Mapping[str, Any] = {}
    limits = None

    def __init__(self) -> None:
        self.sent: list[Outbound] = []

    async def schemas(self) -> Mapping[bytes, AvroSchema]:
        return {}

    async def send(self, records: Sequence[Outbound]) -> Sequence[Position]:
        self.sent += records
        return [Position(record.partition, 0) for record in records]


async def sent_by_a_client(mail: Mail, options: Mapping[str, Any]) -> list[Outbound]:
    captured = Captured()
    ports = Ports(captured, now, randomness())  # type: ignore[arg-type]  # what submitting needs of one
    await Client(SETTINGS, name="shop", ports=ports).submit("send-mail", mail, **options)
    return captured.sent


@given(mail=MAILS, options=OPTIONS | ORDERED)
async def test_a_relay_publishes_what_a_client_would_have_sent(
    mail: Mail, options: dict[str, Any]
) -> None:
    announcement, submission = await sent_by_a_client(mail, options)
    entry = entry_of(mail, **options)
    [published], refused = assessor().batch([waiting(7, entry)], MAX_BYTES)
    assert refused == []
    assert published.position == 7
    assert published.record == submission
    assert published.schema.fingerprint.hex().encode() == announcement.key
    assert entry.job_id.encode() == submission.key


@pytest.mark.parametrize(
    "options",
    [
        {"priority": 10},
        {"queue": "\n"},
        {"idempotency_key": ""},
        {"delay": timedelta(seconds=-1)},
        {"deadline": datetime(2030, 1, 1)},  # noqa: DTZ001 - that is the mistake
        {"delay": timedelta(1), "not_before": datetime(2030, 1, 1, tzinfo=UTC)},
        {"ordering_key": "account 7", "idempotency_key": "order-17"},
        {"colour": "red"},
    ],
)
async def test_what_a_client_refuses_is_refused_in_the_same_words(options: dict[str, Any]) -> None:
    with pytest.raises(JoblogError) as by_client:
        await sent_by_a_client(MAIL, options)
    with pytest.raises(type(by_client.value)) as refused:
        entry_of(MAIL, **options)
    assert str(refused.value) == str(by_client.value)


def test_an_idempotency_key_makes_the_id() -> None:
    assert entry_of(idempotency_key="order-17", tenant="acme").job_id == "acme/send-mail/order-17"


@pytest.mark.parametrize("argument", ["idempotency_key", "traceparent"])
def test_what_postgresql_cannot_hold_is_refused(argument: str) -> None:
    options: dict[str, Any] = {argument: "a\x00b"}
    with pytest.raises(SubmissionRefusedError, match="no NUL character") as refused:
        entry_of(**options)
    assert refused.value.argument == argument


def test_a_job_that_is_larger_than_the_settings_allow_is_refused() -> None:
    fits = Mail(to="a", body="x" * (MAX_BYTES - 200))
    assert len(entry_of(fits).record) <= MAX_BYTES
    with pytest.raises(RecordTooLargeError):
        entry_of(Mail(to="a", body="x" * MAX_BYTES))


def test_headers_that_are_larger_than_the_topic_takes_are_refused() -> None:
    with pytest.raises(RecordTooLargeError):
        entry_of(traceparent="x" * SETTINGS.limits.max_dead_letter_bytes)


def test_the_largest_that_is_taken_is_one_that_the_publisher_takes() -> None:
    entry = entry_of(Mail(to="a", body="x" * (MAX_BYTES - 200)), traceparent="x" * 1_000)
    [published], _ = assessor().batch([waiting(1, entry)], MAX_BYTES)
    KafkaPublisher(SETTINGS)._check(published.record)  # noqa: SLF001 - it needs a broker for the rest


def test_a_process_reads_its_settings_once_and_its_name_anew_after_a_fork(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOBLOG_LIMITS__MAX_SUBMISSION_BYTES", "1024")
    entries.cache_clear()
    try:
        made = entries()
        with pytest.raises(RecordTooLargeError, match="which takes 1024"):
            made.of(Submission("send-mail", Mail(to="a", body="x" * 1_024)))
        assert entries() is made
        child = os.fork()
        if child == 0:
            os._exit(entries() is made)
        assert os.waitpid(child, 0)[1] == 0
    finally:
        entries.cache_clear()


def test_settings_are_all_that_entries_need() -> None:
    settings = Settings(limits={"max_submission_bytes": 1_024})
    made = Entries(settings, "shop", lambda: NOW, randomness())
    with pytest.raises(RecordTooLargeError):
        made.of(Submission("send-mail", Mail(to="a", body="x" * 1_024)))
