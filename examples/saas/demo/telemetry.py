"""How far the jobs are, as the schedulers' metrics say."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families


class Snapshot(NamedTuple):
    """Counts at one moment.

    Attributes:
        finished: jobs at their end, by type and state.
        retries: failed attempts that are repeated, by type.
        pending: jobs that wait for room at the workers.
        in_flight: attempts on their way to a worker or just begun.
    """

    finished: Mapping[tuple[str, str], int]
    retries: Mapping[str, int]
    pending: int
    in_flight: int

    def ended(self, kind: str) -> int:
        """Return how many jobs of a kind are at their end."""
        return sum(jobs for (type_, _), jobs in self.finished.items() if type_ == kind)


async def take_snapshot(session: ClientSession, schedulers: Iterable[str]) -> Snapshot:
    """Ask all schedulers, by their URLs."""
    texts = []
    for url in schedulers:
        async with session.get(f"{url}/metrics") as response:
            texts.append(await response.text())
    return snapshot_of(texts)


def snapshot_of(texts: Iterable[str]) -> Snapshot:
    """Return the counts in Prometheus' text format."""
    finished: Counter[tuple[str, str]] = Counter()
    retries: Counter[str] = Counter()
    pending = in_flight = 0
    families = (family for text in texts for family in text_string_to_metric_families(text))
    for name, labels, value, *_ in (sample for family in families for sample in family.samples):
        match name:
            case "joblog_jobs_finished_total":
                finished[labels["type"], labels["status"]] += int(value)
            case "joblog_retries_scheduled_total":
                retries[labels["type"]] += int(value)
            case "joblog_queue_depth":
                pending += int(value)
            case "joblog_attempts_in_flight":
                in_flight += int(value)
    return Snapshot(finished, retries, pending, in_flight)
