"""Jobs from serializers of a schema registry run; what cannot be read is a dead letter; nothing is lost."""

import json
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from joblog.schemas.models import JobDeadLettered
from joblog.streams.topics import TopicMap
from tests.cluster import Cluster
from tests.kafka.registry.confluent import Shop
from tests.kafka.running import TopicFollower
from tests.languages.log import log_with_worker

ROUNDS, JOBS = 2, 20


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the handler writes what it got."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    path.touch()
    return path


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory,
    bootstrap_servers: str,
    registry_url: str,
    ledger: Path,
) -> Iterator[Cluster]:
    """A log with a scheduler, a worker and a bridge; each test has jobs of its own in it."""
    directory = tmp_path_factory.mktemp("cluster")
    with log_with_worker(
        directory, bootstrap_servers, ledger, JOBLOG_REGISTRY__URL=registry_url
    ) as cluster:
        cluster.start("bridge", "bridge")
        yield cluster


@pytest.fixture(scope="module")
def shop(cluster: Cluster, registry_url: str) -> Shop:
    """Submits jobs."""
    return Shop(cluster, registry_url)


def subjects_in(ledger: Path) -> list[tuple[str, str]]:
    *whole, _ = ledger.read_text(encoding="utf-8").split("\n")  # the last line may be on its way
    return [(mail["job_id"], mail["subject"]) for mail in map(json.loads, whole)]


def has_more_than(lines: int, ledger: Path) -> bool:
    return len(subjects_in(ledger)) > lines


def test_a_bridge_that_is_killed_loses_nothing_and_no_job_runs_twice(
    cluster: Cluster, shop: Shop, ledger: Path
) -> None:
    jobs: list[str] = []
    for _ in range(ROUNDS):
        ran = partial(has_more_than, len(jobs), ledger)
        jobs += [shop.submit(shop.mail({"to": "ada", "subject": "a lot"})) for _ in range(JOBS)]
        cluster.until(ran, "the bridge is at work")
        cluster.kill("bridge")
        cluster.start("bridge", "bridge")
    cluster.until(lambda: len(subjects_in(ledger)) >= len(jobs), "all jobs run")
    assert sorted(job_id for job_id, _ in subjects_in(ledger)) == sorted(jobs)


async def test_jobs_in_confluent_framing_run_and_what_is_none_is_a_dead_letter(
    cluster: Cluster, shop: Shop, ledger: Path
) -> None:
    avro = shop.submit(shop.mail({"to": "ada", "subject": "in Avro"}), priority=7)
    bad = shop.submit(b"\0\x7f\xff\xff\xffno such schema")
    shop.put(b"garbage", b"no job")
    document, content_type = b'{"to": "ada", "subject": "in JSON"}', "application/json"
    in_json = shop.submit(document, payload_content_type=content_type)
    expected = {(avro, "in Avro"), (in_json, "in JSON")}
    cluster.until(lambda: expected <= {*subjects_in(ledger)}, "two jobs run")

    topic = TopicMap.of(cluster.settings).dead_letters
    async with TopicFollower(cluster.settings, topic.name, topic.partitions) as letters:
        await letters.until(lambda: len(letters.records) == 2)
        found = {e.job_id: e for e in letters.events if isinstance(e, JobDeadLettered)}

        poison = next(record for record in letters.records if record.key is None)
        cluster.run("dlq", "redrive", f"{poison.partition}@{poison.offset}")
        await letters.until(lambda: len(letters.records) == 3)
        again = letters.events[-1]
        assert isinstance(again, JobDeadLettered)
        assert again.original.value == b"garbage", "the bridge has seen it once more"
    assert {job_id: event.reason for job_id, event in found.items()} == {
        bad: "unknown_schema",
        "": "poison",
    }
    assert found[bad].detail.startswith("the payload has the schema 2147483647, which")
    assert found[""].original.value == b"garbage"
    assert found[""].original.topic == f"{cluster.settings.namespace}.submissions"


def test_a_bridge_waits_for_its_registry_and_ends_when_it_is_asked_to(
    cluster: Cluster, shop: Shop, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shop.submit(shop.mail({"to": "ada", "subject": "before"}))
    cluster.until(lambda: (first, "before") in subjects_in(ledger), "the bridge works")
    cluster.signal("bridge", signal.SIGTERM)
    assert cluster.wait("bridge") == 0

    job_id = shop.submit(shop.mail({"to": "ada", "subject": "patience"}))
    with monkeypatch.context() as elsewhere:
        elsewhere.setitem(cluster.environment, "JOBLOG_REGISTRY__URL", "http://127.0.0.1:1")
        cluster.start("waiting", "bridge")
    log = cluster.log_path("waiting")
    cluster.until(lambda: "is asked for again in" in log.read_text(), "it asks again")
    cluster.signal("waiting", signal.SIGTERM)
    assert cluster.wait("waiting") == 0

    cluster.start("bridge", "bridge")
    cluster.until(lambda: (job_id, "patience") in subjects_in(ledger), "nothing was lost")
