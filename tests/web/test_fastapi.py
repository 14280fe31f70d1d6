"""The FastAPI application, with a joblog in memory: no broker, no server."""

from collections.abc import AsyncIterator

import httpx
import pytest

from examples.web.fastapi_app import app, jobs_of
from examples.web.reports import Sales, handlers
from joblog import JoblogError
from joblog.testing import MemoryClient
from tests.web.cases import BAD_ORDERS, FAILURES, JANUARY, KAFKA, MADE, failing


@pytest.fixture
async def memory() -> AsyncIterator[MemoryClient]:
    async with MemoryClient(handlers) as client:
        app.dependency_overrides[jobs_of] = lambda: client
        yield client
        app.dependency_overrides.clear()


@pytest.fixture
async def web(memory: MemoryClient) -> AsyncIterator[httpx.AsyncClient]:
    del memory
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_a_report_is_ordered_made_and_shown(web: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "a key/with %, ? and #"}
    ordered = await web.post("/reports", json=JANUARY, headers=key)
    assert ordered.status_code == httpx.codes.ACCEPTED
    shown = await web.get(ordered.headers["Location"])
    assert shown.json() == {"status": "succeeded", "report": MADE}


async def test_the_same_key_is_one_report(web: httpx.AsyncClient, memory: MemoryClient) -> None:
    orders = [
        await web.post("/reports", json=JANUARY, headers={"Idempotency-Key": "1"}) for _ in range(2)
    ]
    assert orders[0].json() == orders[1].json()
    assert len([job async for job in memory.jobs()]) == 1


@pytest.mark.parametrize(("body", "headers"), BAD_ORDERS.values(), ids=BAD_ORDERS)
async def test_a_bad_order_is_refused(
    body: dict[str, object], headers: dict[str, str], web: httpx.AsyncClient
) -> None:
    refused = await web.post("/reports", json=body, headers=headers)
    assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert refused.json()["detail"]


async def test_what_is_no_report_is_not_found(web: httpx.AsyncClient, memory: MemoryClient) -> None:
    other = await memory.submit("send-mail", Sales(**JANUARY))
    for job_id in ("nothing", other.job_id):
        shown = await web.get(f"/reports/{job_id}")
        assert shown.status_code == httpx.codes.NOT_FOUND
        assert job_id in shown.json()["detail"]


@pytest.mark.parametrize(("error", "status"), FAILURES, ids=lambda case: type(case).__name__)
async def test_an_error_has_a_status(
    error: JoblogError,
    status: int,
    web: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(MemoryClient, "submit", failing(error))
    answered = await web.post("/reports", json=JANUARY, headers={"Idempotency-Key": "1"})
    assert answered.status_code == status
    assert ("Retry-After" in answered.headers) == (status == httpx.codes.SERVICE_UNAVAILABLE)
    assert (KAFKA in caplog.text) == (KAFKA in str(error))
    assert KAFKA not in answered.text
