"""The application's handlers say what can be mended by a retry and what cannot."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from examples.saas import handlers
from examples.saas.demo.receiver import Receiver, Script
from examples.saas.demo.sources import MISSING, NO_IMAGES, airport_rows, upload
from examples.saas.demo.workload import valid_airport
from examples.saas.photos import Photo
from examples.saas.storage import Storage
from examples.saas.webhooks import NotDeliveredError, Webhook
from joblog import Context, Fatal, RetryAfter
from joblog.processors.worker.call import Call
from joblog.schemas.codec import Codec
from joblog.schemas.models import Cause, JobDispatched, JobSubmitted


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    storage = Storage(tmp_path)
    monkeypatch.setattr(handlers, "STORAGE", storage)
    handlers.airport_table.cache_clear()
    yield storage
    handlers.airport_table().close()
    handlers.airport_table.cache_clear()


class NoLine:
    """A line to no worker."""

    cancelled = False

    def wait_cancelled(self, timeout: float | None) -> bool:
        raise NotImplementedError

    def heartbeat(self, progress: float | None, message: str | None) -> None:
        raise NotImplementedError


@pytest.fixture
def context() -> Context:
    submission = JobSubmitted(
        event_id="s",
        time=0,
        job_id="job",
        type="send-webhook",
        payload=b"",
        payload_schema=bytes(8),
    )
    dispatch = JobDispatched(
        event_id="e", time=0, job_id="job", cause=Cause(topic="events", partition=0, offset=0),
        attempt=1, type="send-webhook", submitted_at=0, submission=Codec().encode(submission),
    )  # fmt: skip
    return Context(Call(dispatch, submission), NoLine())


def test_a_valid_row_is_loaded_and_one_that_is_not_is_fatal() -> None:
    good, *_ = rows = airport_rows()
    bad = next(row for row in rows if valid_airport(row) is None)
    handlers.import_airport(good)
    with pytest.raises(Fatal, match=f"{bad.iata} is not valid.*\n.*\n.*the value is missing"):
        handlers.import_airport(bad)
    assert handlers.airport_table().all() == [valid_airport(good)]


def test_an_upload_that_is_no_image_is_fatal_and_a_missing_one_is_not() -> None:
    with pytest.raises(Fatal, match="cannot identify image file"):
        handlers.make_thumbnail(Photo(source=str(upload(NO_IMAGES[0])), width=64, format="jpeg"))
    with pytest.raises(FileNotFoundError):
        handlers.make_thumbnail(Photo(source=str(upload(MISSING[0])), width=64, format="jpeg"))


@pytest.mark.parametrize(
    ("status", "error"),
    [(410, Fatal), (429, RetryAfter), (500, NotDeliveredError), (503, NotDeliveredError)],
)
async def test_a_refused_webhook_fails_as_its_answer_says(
    context: Context, status: int, error: type[Exception]
) -> None:
    with Receiver({"some": Script((status,))}) as receiver:
        webhook = Webhook(url=f"{receiver.url}/some", event="paid", subject="invoice-1")
        with pytest.raises(error, match=f"answers {status}") as caught:
            await handlers.send_webhook(webhook, context)
    assert not isinstance(caught.value, RetryAfter) or caught.value.delay == timedelta(seconds=1)


async def test_a_delivered_webhook_carries_the_idempotency_key(context: Context) -> None:
    with Receiver({"some": Script((204,))}) as receiver:
        webhook = Webhook(url=f"{receiver.url}/some", event="paid", subject="invoice-1")
        await handlers.send_webhook(webhook, context)
    assert receiver.answered == {context.idempotency_key: [204]}
