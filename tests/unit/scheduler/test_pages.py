"""Pages of jobs: none is too large, and together they are all jobs, each once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joblog.processors.scheduler import pages
from joblog.processors.scheduler.pages import Page, Wanted, page_of
from tests.unit.lifecycle.partition_log import PartitionLog

ALL = Wanted()
LARGE = 1_000_000


def jobs_of(log: PartitionLog, ids: list[str], **fields: Any) -> None:  # noqa: ANN401 - the model checks them
    for job_id in ids:
        log.submit(job_id, "rare", **fields)


def numbered(count: int) -> list[str]:
    return [f"job-{number:04d}" for number in range(count)]


async def walk(log: PartitionLog, wanted: Wanted = ALL) -> list[Page]:
    """Go through all pages."""
    found = [await page_of(log.fold, wanted, "")]
    while (behind := found[-1].behind) is not None:
        found.append(await page_of(log.fold, wanted, behind))
    return found


def ids_on(page: Page) -> list[str]:
    return [job["job_id"] for job in page.jobs]


def size_of(page: Page) -> int:
    return sum(len(json.dumps(job)) for job in page.jobs)


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "decided"])
async def test_a_page_has_as_many_jobs_as_it_may_have_and_not_one_more(*, committed: bool) -> None:
    log, ids = PartitionLog(), numbered(1_050)
    jobs_of(log, ids)
    if committed:
        log.commit()
    found = await walk(log)
    assert [len(page.jobs) for page in found] == [500, 500, 50]
    assert [job_id for page in found for job_id in ids_on(page)] == ids


async def test_a_page_that_is_full_amid_a_turn_goes_on_right_behind_its_last_job() -> None:
    log = PartitionLog()
    for number, job_id in enumerate(numbered(1_300)):
        log.submit(job_id, "rare", queue="a" if number % 5 else "b")
    found = await walk(log, Wanted(queue="a"))
    assert [len(page.jobs) for page in found] == [500, 500, 40]
    assert [ids_on(page)[0] for page in found] == ["job-0001", "job-0626", "job-1251"]


async def test_a_page_ends_before_it_is_too_large() -> None:
    log, ids = PartitionLog(), numbered(40)
    log.announce()
    for job_id in ids:
        log.submit(job_id)
        log.succeed(job_id, result=b"x" * 60_000, result_schema=b"12345678")
    found = await walk(log)
    assert [len(page.jobs) for page in found] == [12, 12, 12, 4]
    assert all(size_of(page) <= pages.MOST_BYTES for page in found)
    assert [job_id for page in found for job_id in ids_on(page)] == ids


async def test_a_job_that_is_larger_than_a_page_has_one_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = PartitionLog()
    jobs_of(log, ["a", "b", "c"])
    monkeypatch.setattr(pages, "MOST_BYTES", 10)
    assert [ids_on(page) for page in await walk(log)] == [["a"], ["b"], ["c"]]


async def test_submissions_are_not_on_a_page_and_do_not_count() -> None:
    log, ids = PartitionLog(), numbered(20)
    jobs_of(log, ids, payload=b"x" * LARGE)
    log.commit()
    [page] = await walk(log)
    assert ids_on(page) == ids
    assert size_of(page) < LARGE / 10


async def test_large_rows_are_read_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    log = PartitionLog()
    jobs_of(log, numbered(20), payload=b"x" * LARGE)
    log.commit()
    read: list[int] = []
    scan = log.view.scan

    def noted(
        start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        found = scan(start, stop, limit, most_bytes)
        read.append(sum(len(value) for _, value in found))
        return found

    monkeypatch.setattr(log.view, "scan", noted)
    await walk(log)
    assert len(read) >= 5
    assert max(read) < pages.BYTES_A_TURN + LARGE


sizes = st.lists(st.integers(1, 400), min_size=0, max_size=30)


@given(sizes, st.lists(st.booleans(), min_size=30, max_size=30), st.integers(1, 5))
async def test_pages_are_all_jobs_each_once_however_large_and_wherever_they_stand(
    payloads: list[int], changed: list[bool], rows_a_turn: int
) -> None:
    log = PartitionLog()
    ids = numbered(len(payloads))
    for job_id, size, is_new in zip(ids, payloads, changed, strict=False):
        if not is_new:
            log.submit(job_id, "rare", payload=b"x" * size)
    log.commit()
    for job_id, size, is_new in zip(ids, payloads, changed, strict=False):
        if is_new:
            log.submit(job_id, "rare", payload=b"x" * size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "ROWS_A_TURN", rows_a_turn)
        patch.setattr(pages, "BYTES_A_TURN", 500)
        patch.setattr(pages, "MOST_JOBS", 4)
        patch.setattr(pages, "MOST_LOOKED_AT", 9)
        found = await walk(log)
    assert [job_id for page in found for job_id in ids_on(page)] == ids
    assert all(len(page.jobs) <= 4 for page in found)
