"""A producer that shares no code with joblog: plain fastavro and confluent-kafka, and the published schemas."""

import uuid
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, Message, Producer

from tests.cluster import Cluster
from tests.kafka.contract.producing import announcement, dispatches, submission

JOBS = 40


@pytest.mark.parametrize("partitioner", [None, "murmur2_random"])
def test_jobs_from_the_published_schemas_alone_are_dispatched(
    tmp_path: Path, bootstrap_servers: str, namespace: str, partitioner: str | None
) -> None:
    with Cluster(tmp_path, bootstrap_servers, namespace) as cluster:
        cluster.start("scheduler", "scheduler")
        options = {"bootstrap.servers": bootstrap_servers, "enable.idempotence": True}
        producer = Producer(options | ({"partitioner": partitioner} if partitioner else {}))
        producer.produce(f"{namespace}.config", announcement(), b"type/mail")
        ids = [f"{uuid.uuid4()}" for _ in range(JOBS)]
        placed: dict[str | None, int | None] = {}
        for job_id in ids:
            producer.produce(
                f"{namespace}.events",
                submission(job_id),
                job_id.encode(),
                on_delivery=partial(note_place, placed, job_id),
            )
        producer.flush(30)
        dispatched = dispatches(bootstrap_servers, f"{namespace}.work.default", JOBS)
    assert sorted(dispatched) == sorted(ids)
    if partitioner:
        assert dispatched == placed
    else:
        assert dispatched != placed


def note_place(
    placed: dict[str | None, int | None], job_id: str, _: KafkaError | None, message: Message
) -> None:
    placed[job_id] = message.partition()
