from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, create_model

from joblog.client.errors import ResultUnreadableError, SubmissionRefusedError
from joblog.client.job import Job
from joblog.client.payloads import Order, Payload, order_of
from joblog.client.results import result_of, validated
from joblog.processors.worker.registry import job
from joblog.processors.worker.results import encode_result, result_schema
from joblog.schemas.payloads import encode_payload, payload_schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Mail(BaseModel):
    to: str


class Fax(BaseModel):
    number: str


class Receipt(BaseModel):
    sent: datetime
    copies: int


class Result(BaseModel):
    value: int


SentResult = create_model("Result", sent=(int, ...))


@job("unit-send-mail")
def send_mail(mail: Mail) -> Receipt:
    raise NotImplementedError(mail)


MAIL = Mail(to="ada")


def finished(value: object, returns: object) -> Job:
    outcome = encode_result(value, returns)
    return Job.model_construct(job_id="job", result=outcome.result, result_schema=outcome.schema)


def test_a_type_and_its_handler_are_the_same_order() -> None:
    expected = Order("unit-send-mail", Payload(payload_schema(Mail), encode_payload(MAIL)))
    assert order_of(send_mail, MAIL) == order_of("unit-send-mail", MAIL) == expected


def test_an_encoded_payload_is_taken_as_it_is() -> None:
    payload = Payload(payload_schema(Mail), b"body")
    assert order_of("unit-send-mail", payload) == Order("unit-send-mail", payload)
    assert order_of(send_mail, payload) == Order("unit-send-mail", payload)


def test_a_function_that_is_no_handler_is_refused() -> None:
    def plain(mail: Mail) -> None:
        raise NotImplementedError(mail)

    with pytest.raises(SubmissionRefusedError, match=r"type=.*plain is refused: .*@joblog\.job"):
        order_of(plain, MAIL)


def test_another_payload_than_the_handler_s_is_refused() -> None:
    with pytest.raises(SubmissionRefusedError, match=r"payload=Fax is refused: .* takes a Mail"):
        order_of(send_mail, Fax(number="1"))


def test_a_payload_that_is_no_model_is_refused() -> None:
    with pytest.raises(SubmissionRefusedError, match=r"payload=dict is refused: .*pydantic model"):
        order_of("unit-send-mail", {"to": "ada"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "returns"),
    [
        (Receipt(sent=NOW, copies=2), Receipt),
        (7, int),
        ("text", str),
        ([1, 2], list[int]),
        ({"a": NOW}, dict[str, datetime]),
        (None, type(None)),
        (SentResult(sent=1), SentResult),
        (Result(value=2), Result),
        ([Result(value=2)], list[Result]),
    ],
)
def test_a_result_is_what_the_handler_returned(value: object, returns: type[object]) -> None:
    done = finished(value, returns)
    schemas = {}
    if done.result_schema is not None:
        schema = result_schema(returns)
        assert schema is not None
        schemas[schema.fingerprint] = schema
    assert validated(done, result_of(done, schemas), returns) == value


def test_results_whose_fingerprints_would_be_equal_but_for_their_logical_types_are_told_apart() -> (
    None
):
    number, time = result_schema(int), result_schema(datetime)
    assert number is not None
    assert time is not None
    assert number.fingerprint != time.fingerprint


def test_a_result_of_another_type_is_refused_without_its_value() -> None:
    done = finished("secret", str)
    with pytest.raises(ResultUnreadableError, match="valid integer") as caught:
        validated(done, "secret", int)
    assert "secret" not in str(caught.value)


def test_a_result_whose_schema_nobody_announced_is_not_guessed() -> None:
    with pytest.raises(ResultUnreadableError, match="was never announced"):
        result_of(finished("x", str), {})
