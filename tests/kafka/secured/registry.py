"""A stand-in for a schema registry: it only says what an id means, since what is tested here is Kafka."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

import fastavro

from tests.kafka.contract.producing import schema

JOB: Final = 1
"""The id of `JobSubmitted`; each other one is of an order with a field of its own."""


def framed(schema_id: int, datum: dict[str, Any]) -> bytes:
    """Return what a serializer of the registry writes."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(_definition(schema_id)), datum)
    return b"\0" + schema_id.to_bytes(4, "big") + body.getvalue()


@contextmanager
def running_registry() -> Iterator[str]:
    """Answer for all ids, and give the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _definition(schema_id: int) -> dict[str, Any]:
    if schema_id == JOB:
        return schema("JobSubmitted")
    fields = [
        {"name": name, "type": "int", "default": 0} for name in ("number", f"gift{schema_id}")
    ]
    return {"type": "record", "name": "Order", "fields": fields}


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Say what the id at the end of the path means."""
        schema_id = int(self.path.rpartition("/")[2])
        text = json.dumps({"schema": json.dumps(_definition(schema_id))}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""
