"""The applications behind real servers and on a real broker: what they have accepted outlives them."""

import asyncio
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import httpx
import pytest

from joblog import Client, Status
from joblog.streams.broker import EmbeddedBroker
from tests.cluster import Cluster
from tests.web.cases import JANUARY, MADE
from tests.web.serving import SERVERS, Server

CALLERS: Final = 8
ENOUGH: Final = 40


@pytest.fixture(scope="module")
def cluster(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler, and a worker that makes reports."""
    directory = tmp_path_factory.mktemp("web")
    with Cluster(directory, broker.bootstrap_servers, "web") as cluster:
        cluster.start("scheduler", "scheduler")
        cluster.start("worker", "worker", "examples.web.reports:handlers")
        yield cluster


class Callers:
    """Order reports, each under a key of its own, until nobody answers any more.

    Attributes:
        ordered: all keys.
        accepted: ids of the jobs that were promised.
    """

    def __init__(self, name: str) -> None:
        self._keys = (f"{name}-{number}" for number in count())
        self.ordered: list[str] = []
        self.accepted: list[str] = []
        self.enough = asyncio.Event()

    async def call(self, url: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30) as web:
            while True:
                key = next(self._keys)
                self.ordered.append(key)
                try:
                    self.accepted.append(await order(web, key))
                except httpx.TransportError:
                    return
                if len(self.accepted) >= ENOUGH:
                    self.enough.set()


async def order(web: httpx.AsyncClient, key: str) -> str:
    """Order a report and return its job id."""
    ordered = await web.post("/reports", json=JANUARY, headers={"Idempotency-Key": key})
    assert ordered.status_code == httpx.codes.ACCEPTED, ordered.text
    job_id: str = ordered.json()["job_id"]
    return job_id


@pytest.mark.parametrize("name", SERVERS)
async def test_a_server_that_is_stopped_loses_nothing_and_a_repeated_order_is_one(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    log_path = tmp_path / "server.log"
    callers = Callers(name)
    with Server(SERVERS[name], cluster.environment, log_path) as server:
        async with asyncio.timeout(60), asyncio.TaskGroup() as calling:
            for _ in range(CALLERS):
                calling.create_task(callers.call(server.url))
            await callers.enough.wait()
            code = await asyncio.to_thread(server.stop)
    assert code in {0, -signal.SIGTERM}, log_path.read_text()  # uvicorn ends by the signal
    assert "Traceback" not in log_path.read_text()

    async with Client(cluster.settings) as client:
        ended = [await client.wait(job_id) for job_id in callers.accepted]
        assert {job.status for job in ended} == {Status.SUCCEEDED}

        with Server(SERVERS[name], cluster.environment, log_path) as server:
            async with httpx.AsyncClient(base_url=server.url, timeout=30) as web:
                again = await asyncio.gather(*(order(web, key) for key in callers.ordered))
                last = await client.wait(again[-1])
                shown = await web.get(f"/reports/{last.job_id}")
            assert await asyncio.to_thread(server.stop) == code
        jobs = [job.job_id async for job in client.jobs(type="make-report")]

    assert shown.json() == {"status": "succeeded", "report": MADE}
    assert set(callers.accepted) < set(again)
    assert sorted(job for job in jobs if f"/{name}-" in job) == sorted(set(again))
