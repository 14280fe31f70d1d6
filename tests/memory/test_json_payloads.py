"""A job whose payload is JSON runs in memory as it does on Kafka."""

from joblog import Settings
from joblog.processors.memory.handlers import HandlerWorkers
from joblog.processors.worker.scope import Scope
from joblog.schemas.models import AttemptFailed, AttemptSucceeded, Event
from tests.unit.worker.jobs import REGISTRY
from tests.unit.worker.making import decoded, dispatch, record

NO_SCHEMA = bytes(8)


async def outcome_of(payload: bytes, content_type: str) -> Event:
    workers = HandlerWorkers(Settings(namespace="t"), REGISTRY, Scope(), lambda: 1_000)
    event = dispatch(payload=payload, payload_content_type=content_type, payload_schema=NO_SCHEMA)
    (outbound,) = await workers.run(record(event), event)
    return decoded(outbound)


async def test_json_needs_no_schema() -> None:
    assert isinstance(await outcome_of(b'{"n": 7}', "application/json"), AttemptSucceeded)


async def test_avro_does() -> None:
    outcome = await outcome_of(b"\x0e", "application/avro")
    assert isinstance(outcome, AttemptFailed)
    assert outcome.failure.message == f"nobody announced its schema {'0' * 16}: announce it first"
