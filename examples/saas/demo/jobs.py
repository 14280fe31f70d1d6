"""Submits the planned jobs, watches them, and asks what became of each."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from aiohttp import ClientSession
from rich.console import Console

from examples.saas.demo.outcome import Outcome
from examples.saas.demo.progress import JobsProgress
from examples.saas.demo.services import Services
from examples.saas.demo.telemetry import take_snapshot
from examples.saas.demo.workload import Planned
from joblog import Client, Status, Submission, Submitted

LONGEST: Final = 90.0
"""Seconds that all jobs may take together."""
LOOK_EVERY: Final = 0.25
ASKED_AT_ONCE: Final = 32


async def submit_all(client: Client, plan: Sequence[Planned]) -> list[list[Submitted]]:
    """Submit all jobs, each as often as planned; return the submissions of each."""
    submissions = [
        Submission(planned.kind, planned.payload, **planned.options)
        for planned in plan
        for _ in range(planned.copies)
    ]
    acknowledged = iter(await client.submit_many(submissions))
    return [[next(acknowledged) for _ in range(planned.copies)] for planned in plan]


async def cancel_withdrawn(
    client: Client, plan: Sequence[Planned], submitted: Sequence[list[Submitted]]
) -> None:
    """Cancel the jobs that are planned to be cancelled."""
    for planned, (job, *_) in zip(plan, submitted, strict=True):
        if planned.end.status is Status.CANCELLED:
            await client.cancel(job, reason="the customer has withdrawn it")


async def watch(
    services: Services, schedulers: Iterable[str], plan: Iterable[Planned], console: Console
) -> None:
    """Show how far the jobs are until all have ended, or the time is up."""
    progress = JobsProgress(console, Counter(planned.kind for planned in plan), time.monotonic)
    async with ClientSession() as session:
        with progress.shown:
            until = time.monotonic() + LONGEST
            while not progress.is_complete and time.monotonic() < until:
                services.check()
                progress.show(await take_snapshot(session, schedulers))
                await asyncio.sleep(LOOK_EVERY)


async def ask_for_outcomes(
    client: Client, plan: Sequence[Planned], submitted: Sequence[list[Submitted]]
) -> list[Outcome]:
    """Ask what became of all jobs."""
    turn = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(planned: Planned, jobs: list[Submitted]) -> Outcome:
        async with turn:
            job = await client.get(jobs[-1])
        return Outcome(planned, frozenset(job.job_id for job in jobs), job)

    return await asyncio.gather(*map(ask, plan, submitted))
