"""Runs a plan: processes, load, faults, and the judgement of what became of all jobs."""

import asyncio
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from joblog.lifecycle.states import TERMINAL
from joblog.schemas.state import JobRow
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.chaos.doing import do
from tests.chaos.faults import fault_of
from tests.chaos.ground.field import COMMON, Field, ledger_of
from tests.chaos.outcome import Done, Outcome
from tests.chaos.plan import Plan, Step
from tests.faults.followed import Followed
from tests.history.case import Acknowledged
from tests.history.check import check
from tests.history.faults import Fault
from tests.history.history import History
from tests.history.ledger import read_ledger, wall_clock

END_SECONDS: Final = {"short": 120.0, "default": 240.0}
"""How long all jobs may take to come to their end once the load is over."""

REST_SECONDS: Final = 60.0
"""How long the tables may then take to follow the log."""

POLL_SECONDS: Final = 0.5
FOR_EVER_MS: Final = 2**53


async def run(plan: Plan, directory: Path) -> Outcome:
    """Run a plan in an empty directory, and return what came of it."""
    began = time.monotonic()
    async with Field.of(plan, directory) as field:
        done = await _under_load(field, plan)
        violations = await _ended(field, plan)
        restarts = field.services.restarts
        if not violations:
            violations = await _judged(field, directory, done)
        history = await _history(field)
    return Outcome(
        plan.seed,
        round(time.monotonic() - began, 1),
        len(field.load.acknowledged),
        field.load.unconfirmed,
        field.load.garbage,
        [replace(one, recovered_ms=recovery(history, one)) for one in done],
        restarts,
        violations,
    )


async def _under_load(field: Field, plan: Plan) -> list[Done]:
    await _ready(field)
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(field.load.run(field.client, began))
        if plan.rate.garbage:
            group.create_task(field.load.garbage_too())
        faults = [group.create_task(_fault(field, step, began)) for step in plan.steps]
    await field.load.settle()
    return [task.result() for task in faults]


async def _ready(field: Field) -> None:
    """Wait until a job has run."""
    await field.load.submit(field.client, ["quick"])
    await _until_ended(field, REST_SECONDS)


async def _fault(field: Field, step: Step, began: float) -> Done:
    await asyncio.sleep(max(0.0, began + step.at - time.monotonic()))
    begin = wall_clock()
    await do(field, step)
    return Done(step, begin, wall_clock())


async def _ended(field: Field, plan: Plan) -> list[str]:
    left = await _until_ended(field, END_SECONDS[plan.patience])
    return [f"all_jobs_end: {left} of {len(field.load.acknowledged)} jobs did not"] if left else []


async def _until_ended(field: Field, seconds: float) -> int:
    """Wait until all acknowledged jobs are at their end, and return how many are not."""
    table = Followed(field.settings, TopicMap.of(field.settings).table_jobs)
    ended: set[str] = set()
    until = time.monotonic() + seconds
    while True:
        for record in await asyncio.to_thread(table.new):
            if record.value is not None:
                row = JobRow.decode(record.value)
                (ended.add if row.status in TERMINAL else ended.discard)(row.job_id)
        left = sum(job.job_id not in ended for job in field.load.acknowledged)
        if not left or time.monotonic() > until:
            return left
        await asyncio.sleep(POLL_SECONDS)


async def _judged(field: Field, directory: Path, done: list[Done]) -> list[str]:
    """Judge by the history checker and by the product's own proof, once the tables have followed the log."""
    acknowledged = [
        Acknowledged(job.job_id, job.partition, job.offset) for job in field.load.acknowledged
    ]
    faults = [fault for one in done for fault in _explaining(one)]
    until = time.monotonic() + REST_SECONDS
    while True:
        history = await _history(field)
        found = check(history, acknowledged, read_ledger(ledger_of(directory)), faults)
        if not found or time.monotonic() > until:
            break
        await asyncio.sleep(POLL_SECONDS)
    violations = [f"{one.rule}: job {one.job or '-'}: {one.detail}" for one in found]
    return violations or await _verified(field.settings)


async def _history(field: Field) -> History:
    servers, namespace = field.cluster.servers, field.settings.namespace
    return await History.read(servers, namespace, field.deleted)


def _explaining(done: Done) -> list[Fault]:
    fault = fault_of(done.step.fault, done.step.target)
    if fault.explains is None:
        return []
    return [Fault(fault.explains, done.begin_ms, FOR_EVER_MS if fault.lingers else done.end_ms)]


async def _verified(settings: Settings) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "joblog.cli", "verify", "--json"),
        env={**os.environ, **COMMON, "JOBLOG_BOOTSTRAP_SERVERS": settings.bootstrap_servers},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode:
        return [f"verify: exit code {process.returncode}: {errors.decode().strip()}"]
    proofs = [json.loads(line) for line in output.splitlines()]
    return [f"verify: {proof}" for proof in proofs if not proof["holds"]]


def recovery(history: History, done: Done) -> int | None:
    """Return how long after a fault a job that was dispatched after it had succeeded, ms; None: none did."""
    dispatched = {
        (record.event.job_id, record.event.fields["attempt"])
        for record in history.work
        if record.event is not None and record.timestamp >= done.end_ms
    }
    times = [
        record.timestamp - done.end_ms
        for record in history.events
        if record.event is not None
        and record.event.name == "AttemptSucceeded"
        and (record.event.job_id, record.event.fields["attempt"]) in dispatched
        and record.timestamp >= done.end_ms
    ]
    return min(times, default=None)
