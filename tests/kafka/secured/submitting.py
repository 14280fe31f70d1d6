"""Submits as a registry's serializers do, by another library's producer."""

import time
import uuid
from itertools import count
from typing import Any

from confluent_kafka import Producer

from tests.kafka.secured.cluster import SecuredCluster, login_options
from tests.kafka.secured.registry import JOB, framed

_new_schemas = count(JOB + 1)


class Submitter:
    """Writes to the topic of submissions of a log, as somebody who logs in."""

    def __init__(self, brokers: SecuredCluster, login: str, namespace: str) -> None:
        self._topic = f"{namespace}.submissions"
        self._producer = Producer(login_options(brokers, login))

    def put_job_and_garbage(self) -> str:
        """Write, to one partition, what is no job and a job whose payload has a new schema; return its id."""
        job_id, schema_id = str(uuid.uuid4()), next(_new_schemas)
        event: dict[str, Any] = {
            "event_id": str(uuid.uuid4()),
            "job_id": job_id,
            "time": int(time.time() * 1_000),
            "type": "pack",
            "payload": framed(schema_id, {"number": 5}),
            "payload_schema": bytes(8),
        }
        for key, value in ((b"none", b"garbage"), (job_id.encode(), framed(JOB, event))):
            self._producer.produce(self._topic, value, key, partition=0)
        assert self._producer.flush(30) == 0
        return job_id
