"""A producer that shares no code with joblog: plain fastavro and confluent-kafka, and the published schemas."""

import io
import json
import time
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from fastavro.schema import fingerprint, to_parsing_canonical_form

from tests.cluster import Cluster

SCHEMAS = Path(__file__).parents[3] / "schemas" / "avro" / "events"
JOBS = 40


def schema(name: str) -> dict[str, Any]:
    return dict(json.loads((SCHEMAS / name / "v1.avsc").read_text()))


def framed(name: str, datum: dict[str, Any]) -> bytes:
    definition = schema(name)
    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(definition), datum)
    crc = bytes.fromhex(fingerprint(to_parsing_canonical_form(definition), "CRC-64-AVRO"))
    return b"\xc3\x01" + crc + body.getvalue()


def submission(job_id: str) -> bytes:
    payload_schema = {
        "type": "record",
        "name": "Mail",
        "fields": [{"name": "to", "type": "string"}],
    }
    payload = io.BytesIO()
    fastavro.schemaless_writer(payload, fastavro.parse_schema(payload_schema), {"to": "someone"})
    crc = bytes.fromhex(fingerprint(to_parsing_canonical_form(payload_schema), "CRC-64-AVRO"))
    event = {
        "event_id": str(uuid.uuid4()),
        "job_id": job_id,
        "time": int(time.time() * 1000),
        "type": "mail",
        "payload": payload.getvalue(),
        "payload_schema": crc,
    }
    return framed("JobSubmitted", event)


def announcement() -> bytes:
    policy = {
        "max_attempts": 1,
        "backoff": "fixed",
        "initial_delay_ms": 0,
        "max_delay_ms": 0,
    }
    now = int(time.time() * 1000)
    event = {
        "event_id": "type-1",
        "time": now,
        "version": 1,
        "type": "mail",
        "retry_policy": policy,
    }
    return framed("TypeAnnounced", event)


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
        dispatched = dispatches(bootstrap_servers, f"{namespace}.work.default")
    assert sorted(dispatched) == sorted(ids)
    if partitioner:
        assert dispatched == placed
    else:
        assert dispatched != placed


def note_place(
    placed: dict[str | None, int | None], job_id: str, _: KafkaError | None, message: Message
) -> None:
    placed[job_id] = message.partition()


def dispatches(bootstrap_servers: str, topic: str) -> dict[str, int]:
    """Return the partition of each dispatched job, once all are there."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap_servers, "group.id": "test", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(4)])
    found: dict[str, int] = {}
    reader = fastavro.parse_schema(schema("JobDispatched"))
    end = time.monotonic() + 60
    while len(found) < JOBS and time.monotonic() < end:
        message = consumer.poll(0.5)
        if message is None or message.error():
            continue
        value, partition = message.value(), message.partition()
        assert value is not None
        assert partition is not None
        event: Any = fastavro.schemaless_reader(io.BytesIO(value[10:]), reader, None)
        assert event["job_id"] not in found
        found[event["job_id"]] = partition
    consumer.close()
    return found
