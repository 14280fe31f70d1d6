from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from joblog.client import Options, Submission, SubmissionRefusedError
from joblog.client.payloads import Order, Payload
from joblog.client.submissions import Submissions
from joblog.lifecycle.partitioner import partition_of
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.models import JobSubmitted, RetryPolicy

NOW = 1_800_000_000_000
PARTITIONS = 8
SCHEMA = AvroSchema.of({"type": "record", "name": "Mail", "fields": []})
PAYLOAD = Payload(SCHEMA, b"body")


def submitted(**options: Any) -> JobSubmitted:  # noqa: ANN401 - also what is refused
    ids = count(1)
    submissions = Submissions(lambda: f"id-{next(ids)}", lambda: NOW, "shop", PARTITIONS)
    return submissions.event(Order("send-mail", PAYLOAD), Options(**options))  # type: ignore[typeddict-item]


def test_a_plain_submission_has_the_contract_s_defaults() -> None:
    event = submitted()
    assert event == JobSubmitted(
        event_id="id-1",
        job_id="id-2",
        time=NOW,
        type="send-mail",
        payload=b"body",
        payload_schema=SCHEMA.fingerprint,
        submitter="shop",
    )


def test_an_ordered_job_has_an_id_of_the_partition_of_its_key() -> None:
    for key in ("account 7", "account 8", "account 9"):
        event = submitted(ordering_key=key)
        assert event.ordering_key == key
        home = partition_of(key.encode(), PARTITIONS)
        assert partition_of(event.key, PARTITIONS) == home
        assert event.job_id != event.event_id


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 513, 7])
def test_an_ordering_key_that_breaks_its_rule_is_refused(key: object) -> None:
    with pytest.raises(SubmissionRefusedError, match="ordering_key="):
        submitted(ordering_key=key)


def test_an_ordering_key_beside_an_idempotency_key_is_refused() -> None:
    with pytest.raises(SubmissionRefusedError, match="give one of them") as refused:
        submitted(ordering_key="account 7", idempotency_key="invoice 7")
    assert refused.value.argument == "ordering_key"


def test_every_option_reaches_the_event() -> None:
    retry = RetryPolicy(max_attempts=2)
    event = submitted(
        queue="mails",
        priority=9,
        tenant="acme",
        owner="mail-team",
        idempotency_key="order-17",
        retry=retry,
        timeout=timedelta(seconds=1.5),
        not_before=datetime(2030, 1, 1, tzinfo=UTC),
        deadline=datetime(2030, 1, 2, tzinfo=UTC),
        labels={"campaign": "spring"},
        correlation_id="cart-3",
        submitter="cart",
    )
    assert event.model_dump(exclude={"event_id", "time", "payload", "payload_schema"}) == {
        "job_id": "acme/send-mail/order-17",
        "generation": 1,
        "cause": None,
        "correlation_id": "cart-3",
        "type": "send-mail",
        "queue": "mails",
        "priority": 9,
        "tenant": "acme",
        "ordering_key": None,
        "owner": "mail-team",
        "payload_content_type": "application/avro",
        "idempotency_key": "order-17",
        "retry_policy": retry.model_dump(),
        "timeout_ms": 1_500,
        "not_before": 1_893_456_000_000,
        "deadline": 1_893_542_400_000,
        "dependencies": (),
        "submitter": "cart",
        "labels": {"campaign": "spring"},
    }


def test_a_delay_counts_from_now() -> None:
    assert submitted(delay=timedelta(milliseconds=50)).not_before == NOW + 50


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"priority": 10}, r"priority=10 is refused: .*less than or equal to 9"),
        ({"queue": ""}, r"queue='' is refused: .*at least 1 character"),
        ({"idempotency_key": "k" * 600}, r"idempotency_key='default/.*… is refused: .*at most 512"),
        ({"timeout": timedelta(seconds=-1)}, r"timeout=.* is refused: .*not negative"),
        ({"deadline": datetime(2030, 1, 1)}, r"deadline=2030-01-01.* is refused: .*time zone"),  # noqa: DTZ001
        (
            {"delay": timedelta(1), "not_before": datetime(2030, 1, 1, tzinfo=UTC)},
            r"delay=1 day.* is refused: not_before says when already",
        ),
        ({"labels": {"a": 1}}, r"labels\.a=1 is refused"),
    ],
)
def test_an_option_that_breaks_its_rule_is_refused_with_value_and_rule(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(SubmissionRefusedError, match=message):
        submitted(**options)


def test_an_option_that_there_is_not_is_refused() -> None:
    with pytest.raises(SubmissionRefusedError, match="prio=3 is refused: there is no such option"):
        Submission("send-mail", PAYLOAD, prio=3)  # type: ignore[call-arg]
