"""Submits jobs in FastAPI, and shows how they are: `uvicorn examples.web.fastapi_app:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, TypedDict
from urllib.parse import quote

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from examples.web.problems import ANSWER_SECONDS, detail_of, headers_of, status_of
from examples.web.reports import Report, Sales, make_report
from joblog import Client, JoblogError, JobNotFoundError, Status


class State(TypedDict):
    """What the requests of a process share."""

    jobs: Client


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """Connect before the first request; disconnect after the last, once all that was sent is acknowledged."""
    async with Client(name="shop") as client:
        yield {"jobs": client}


def jobs_of(request: Request) -> Client:
    """Return the client of this process; a test puts another in its place."""
    client: Client = request.state.jobs
    return client


Jobs = Annotated[Client, Depends(jobs_of)]
app = FastAPI(title="Reports", lifespan=lifespan)


class Ordered(BaseModel):
    """A report that will be made."""

    job_id: str


class ReportStatus(BaseModel):
    """How far a report is; `report` is there once it is made."""

    status: Status
    report: Report | None


@app.post("/reports", status_code=HTTPStatus.ACCEPTED)
async def order_report(
    sales: Sales, idempotency_key: Annotated[str, Header()], jobs: Jobs, response: Response
) -> Ordered:
    """Order a report; the same key orders it once, however often it is sent."""
    submitted = await jobs.submit(make_report, sales, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/reports/{quote(submitted.job_id)}"
    return Ordered(job_id=submitted.job_id)


@app.get("/reports/{job_id:path}")
async def show_report(job_id: str, jobs: Jobs) -> ReportStatus:
    """Say how far a report is."""
    job = await jobs.get(job_id, timeout=ANSWER_SECONDS)
    if job.type != "make-report":
        raise JobNotFoundError(job_id)
    done = job.status == Status.SUCCEEDED
    report = await jobs.result(job, make_report) if done else None
    return ReportStatus(status=job.status, report=report)


@app.exception_handler(JoblogError)
async def answer(_: Request, error: JoblogError) -> JSONResponse:
    """Say what joblog says in the words of HTTP."""
    status = status_of(error)
    if status is None:
        raise error
    return JSONResponse({"detail": detail_of(error, status)}, status, headers_of(status))
