"""What a producer writes that has nothing of joblog but the published schemas."""

import io
import json
import time
import uuid
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import Consumer, TopicPartition
from fastavro.schema import fingerprint, to_parsing_canonical_form

POLICY = {"max_attempts": 1, "backoff": "fixed", "initial_delay_ms": 0, "max_delay_ms": 0}
SCHEMAS = Path(__file__).parents[3] / "schemas" / "avro" / "events"


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
    now = int(time.time() * 1000)
    event = {
        "event_id": "type-1",
        "time": now,
        "version": 1,
        "type": "mail",
        "retry_policy": POLICY,
    }
    return framed("TypeAnnounced", event)


def dispatches(bootstrap_servers: str, topic: str, jobs: int) -> dict[str, int]:
    """Return the partition of each dispatched job, once so many are there."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap_servers, "group.id": "test", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(4)])
    found: dict[str, int] = {}
    reader = fastavro.parse_schema(schema("JobDispatched"))
    end = time.monotonic() + 60
    while len(found) < jobs and time.monotonic() < end:
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
