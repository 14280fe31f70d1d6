"""What serializers of a schema registry write, without any code of joblog: Confluent's wire format by hand."""

import io
import json
import time
import urllib.request
import uuid
from typing import Any

import fastavro
from confluent_kafka import Producer

from tests.cluster import Cluster
from tests.kafka.contract.producing import schema

MAIL = {
    "type": "record",
    "name": "Mail",
    "fields": [{"name": "to", "type": "string"}, {"name": "subject", "type": "string"}],
}


class Serializer:
    """Registers a schema under its record's name, and writes values with the registry's id."""

    def __init__(self, registry_url: str, definition: dict[str, Any]) -> None:
        self._parsed = fastavro.parse_schema(definition)
        name = ".".join(filter(None, (definition.get("namespace"), definition["name"])))
        request = urllib.request.Request(  # noqa: S310 - of the test's own registry
            f"{registry_url}/subjects/{name}/versions",
            json.dumps({"schema": json.dumps(definition)}).encode(),
            {"Content-Type": "application/vnd.schemaregistry.v1+json"},
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310 - as above
            self.schema_id: int = json.load(response)["id"]

    def __call__(self, datum: dict[str, Any]) -> bytes:
        body = io.BytesIO()
        fastavro.schemaless_writer(body, self._parsed, datum)
        return b"\0" + self.schema_id.to_bytes(4, "big") + body.getvalue()


class Shop:
    """A program that submits jobs as users of such a registry do."""

    def __init__(self, cluster: Cluster, registry_url: str) -> None:
        self._topic = f"{cluster.settings.namespace}.submissions"
        self._producer = Producer(
            {
                "bootstrap.servers": cluster.settings.bootstrap_servers,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
            }
        )
        self.job = Serializer(registry_url, schema("JobSubmitted"))
        self.mail = Serializer(registry_url, MAIL)

    def submit(self, payload: bytes, **fields: Any) -> str:  # noqa: ANN401 - each field has its own type
        job_id = str(uuid.uuid4())
        event = {
            "event_id": str(uuid.uuid4()),
            "job_id": job_id,
            "time": int(time.time() * 1_000),
            "type": "mail.send",
            "payload": payload,
            "payload_schema": bytes(8),
            **fields,
        }
        self.put(self.job(event), job_id.encode())
        return job_id

    def put(self, value: bytes, key: bytes) -> None:
        self._producer.produce(self._topic, value, key)
        assert self._producer.flush(30) == 0
