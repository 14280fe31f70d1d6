"""Submits jobs in Django, and shows how they are."""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from examples.web.problems import ANSWER_SECONDS
from examples.web.reports import Sales, make_report
from joblog import JobNotFoundError, Status, SyncClient

jobs: Final = SyncClient(name="shop")
"""It connects at the first call in each process, so that servers may fork after they have imported this."""


@require_POST
def order_report(request: HttpRequest) -> JsonResponse:
    """Order a report; the same key orders it once, however often it is sent."""
    try:
        sales = Sales.model_validate_json(request.body)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False, include_input=False)
        return JsonResponse({"detail": detail}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    key = request.headers.get("Idempotency-Key", "")
    submitted = jobs.submit(make_report, sales, idempotency_key=key)
    return JsonResponse(
        {"job_id": submitted.job_id},
        status=HTTPStatus.ACCEPTED,
        headers={"Location": reverse("report", args=[submitted.job_id])},
    )


@require_GET
def show_report(_: HttpRequest, job_id: str) -> JsonResponse:
    """Say how far a report is; `report` is there once it is made."""
    job = jobs.get(job_id, timeout=ANSWER_SECONDS)
    if job.type != "make-report":
        raise JobNotFoundError(job_id)
    report = jobs.result(job, make_report) if job.status == Status.SUCCEEDED else None
    shown = None if report is None else report.model_dump()
    return JsonResponse({"status": job.status, "report": shown})
