"""The Django application, with a joblog in memory: no broker, no server."""

from collections.abc import Iterator

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler

from examples.web.django_app import views
from examples.web.reports import Sales, handlers
from joblog import JoblogError, Registry, Settings, SyncClient
from joblog.testing import SyncMemoryClient
from tests.web.cases import BAD_ORDERS, FAILURES, JANUARY, KAFKA, MADE, failing

pytestmark = pytest.mark.usefixtures("django_site")

KEY = {"Idempotency-Key": "1"}


@pytest.fixture
def joblog_handlers() -> Registry:
    return handlers


@pytest.fixture
def web(memory_joblog: SyncMemoryClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(views, "jobs", memory_joblog)
    transport = httpx.WSGITransport(WSGIHandler(), raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        yield client


def test_a_report_is_ordered_made_and_shown(web: httpx.Client) -> None:
    key = {"Idempotency-Key": "a key/with %, ? and #"}
    ordered = web.post("/reports", json=JANUARY, headers=key)
    assert ordered.status_code == httpx.codes.ACCEPTED
    shown = web.get(ordered.headers["Location"])
    assert shown.json() == {"status": "succeeded", "report": MADE}


def test_the_same_key_is_one_report(web: httpx.Client, memory_joblog: SyncMemoryClient) -> None:
    orders = [web.post("/reports", json=JANUARY, headers=KEY) for _ in range(2)]
    assert orders[0].json() == orders[1].json()
    assert len(list(memory_joblog.jobs())) == 1


@pytest.mark.parametrize(("body", "headers"), BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_a_bad_order_is_refused(
    body: dict[str, object], headers: dict[str, str], web: httpx.Client
) -> None:
    refused = web.post("/reports", json=body, headers=headers)
    assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert refused.json()["detail"]


def test_what_is_no_report_is_not_found(web: httpx.Client, memory_joblog: SyncMemoryClient) -> None:
    other = memory_joblog.submit("send-mail", Sales(**JANUARY))
    for job_id in ("nothing", other.job_id):
        shown = web.get(f"/reports/{job_id}")
        assert shown.status_code == httpx.codes.NOT_FOUND
        assert job_id in shown.json()["detail"]


@pytest.mark.parametrize(("error", "status"), FAILURES, ids=lambda case: type(case).__name__)
def test_an_error_has_a_status(
    error: JoblogError,
    status: int,
    web: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(SyncMemoryClient, "submit", failing(error))
    answered = web.post("/reports", json=JANUARY, headers=KEY)
    assert answered.status_code == status
    assert ("Retry-After" in answered.headers) == (status == httpx.codes.SERVICE_UNAVAILABLE)
    assert (KAFKA in caplog.text) == (KAFKA in str(error))
    assert KAFKA not in answered.text


def test_without_kafka_the_caller_is_asked_to_come_again(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SyncClient(Settings(bootstrap_servers="127.0.0.1:1")) as nowhere:
        monkeypatch.setattr(views, "jobs", nowhere)
        answered = web.post("/reports", json=JANUARY, headers=KEY)
    assert answered.status_code == httpx.codes.SERVICE_UNAVAILABLE
