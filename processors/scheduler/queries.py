"""Answers questions about the jobs of this process's partitions, read-only, over HTTP."""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.states import TERMINAL
from joblog.processors.scheduler.answers import job_as_json
from joblog.processors.scheduler.owner import Scheduler
from joblog.processors.scheduler.pages import Wanted, page_of
from joblog.processors.scheduler.partition import PartitionScheduler
from joblog.processors.scheduler.watches import PartitionMovedError

MISDIRECTED: Final = 421
LONGEST_WAIT: Final = 30.0
"""Seconds; a client that waits longer asks again."""


class Queries:
    """The routes `/v1/job` (one row), `/v1/jobs` (a page of rows) and `/v1/depth` (what waits and runs).

    Query parameters of `/v1/job`: `id`; `after`, an offset that must be folded first; `wait`, seconds to wait
    for the job's end. Of `/v1/jobs`: `partition`; `behind`, the id behind which to begin; and what is looked
    for, see `Wanted`. Answers carry the position; 421 means that another scheduler owns the partition.
    """

    def __init__(self, scheduler: Callable[[], Scheduler | None], partitions: int) -> None:
        """Ask the current scheduler, which changes with each generation of the group."""
        self._scheduler = scheduler
        self._partitions = partitions

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/v1/job", self._job),
            web.get("/v1/jobs", self._jobs),
            web.get("/v1/depth", self._depth),
        ]

    async def _job(self, request: web.Request) -> web.Response:
        job_id = request.query.get("id", "")
        partition = self._owned(partition_of(job_id.encode(), self._partitions))
        if partition is None:
            return _misdirected()
        wait = min(float(request.query.get("wait", "0")), LONGEST_WAIT)
        after = int(request.query.get("after", "-1"))
        try:
            await self._await(partition, job_id, after, wait)
        except PartitionMovedError:
            return _misdirected()
        row, fold = partition.row(job_id), partition.fold
        body = {
            "partition": partition.partition,
            "offset": fold.offset,
            "job": None if row is None else job_as_json(row, fold.waits_for(row)),
        }
        return web.json_response(body)

    async def _jobs(self, request: web.Request) -> web.Response:
        number = int(request.query.get("partition", "0"))
        partition = self._owned(number)
        if partition is None:
            return _misdirected()
        page = await page_of(
            partition.fold, Wanted.of(request.query), request.query.get("behind", "")
        )
        if self._owned(number) is not partition:
            return _misdirected()
        body = {
            "partition": number,
            "offset": page.offset,
            "jobs": page.jobs,
            "behind": page.behind,
        }
        return web.json_response(body)

    async def _depth(self, _: web.Request) -> web.Response:
        scheduler = self._scheduler()
        partitions = [] if scheduler is None else scheduler.partitions
        return web.json_response({"partitions": [_depth_of(partition) for partition in partitions]})

    def _owned(self, partition: int) -> PartitionScheduler | None:
        scheduler = self._scheduler()
        return None if scheduler is None else scheduler.partition(partition)

    async def _await(
        self, partition: PartitionScheduler, job_id: str, after: int, wait: float
    ) -> None:
        folded = await partition.watches.until(
            lambda fold: fold.offset >= after, partition.fold, LONGEST_WAIT
        )
        if folded and wait > 0:
            await partition.watches.until(
                lambda fold: _has_ended(fold, job_id), partition.fold, wait
            )


def _misdirected() -> web.Response:
    return web.json_response({"error": "another scheduler owns the partition"}, status=MISDIRECTED)


def _has_ended(fold: PartitionFold, job_id: str) -> bool:
    row = fold.row(job_id)
    return row is not None and row.status in TERMINAL


def _depth_of(partition: PartitionScheduler) -> dict[str, Any]:
    fold = partition.fold
    waiting = [_line_of(fold, line) for line in {**fold.waiting, **fold.blocked}]
    return {
        "partition": partition.partition,
        "offset": fold.offset,
        "now": fold.now,
        "stopped": partition.stopped,
        "waiting": waiting,
        "in_flight": dict(fold.in_flight),
    }


def _line_of(fold: PartitionFold, line: str) -> dict[str, Any]:
    type_, queue = line.split("\x00")
    return {
        "type": type_,
        "queue": queue,
        "jobs": fold.waiting.get(line, 0),
        "oldest": fold.oldest(line),
        "blocked": fold.blocked.get(line, 0),
    }
