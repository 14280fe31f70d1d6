"""A bridge waits for a registry that cannot answer for now, but not for ever, and not once it is to stop."""

import asyncio
from collections.abc import Sequence
from inspect import signature

import pytest
from aiokafka import AIOKafkaConsumer

from joblog.processors.bridge.patience import PATIENCE_SECONDS, PatientLook
from joblog.processors.bridge.service import consumer_options
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.errors import JoblogError
from joblog.streams.registry.errors import (
    RegistryRefusedError,
    RegistryUnavailableError,
    UnusableSchemaError,
)
from joblog.streams.settings import Settings

MAIL = AvroSchema.of({"type": "record", "name": "Mail", "fields": []})
BUSY = RegistryUnavailableError("http://registry", "HTTP status 429")
NO_REGISTRY = RegistryRefusedError("GET /schemas/ids/7", 404, "it gives no reason")
REFUSED = RegistryRefusedError("GET /schemas/ids/7", 422, "not this one", 42_201)
UNUSABLE = UnusableSchemaError(7, "is of type JSON")
AT_ONCE = (0,)
NEVER = (3_600,)
ANSWER_SECONDS = 10.0


def longest_poll_ms(settings: Settings) -> int:
    """Return after how long a member that does not ask for records loses its partitions."""
    default = signature(AIOKafkaConsumer).parameters["max_poll_interval_ms"].default
    return int(consumer_options(settings).get("max_poll_interval_ms", default))


class Registry:
    """Gives its answers one after the other; each takes a while by its clock."""

    def __init__(self, *answers: JoblogError | AvroSchema | None) -> None:
        self.answers = list(answers)
        self.seconds = 0.0
        self.asked = asyncio.Event()

    async def schema(self, schema_id: int) -> AvroSchema | None:
        assert schema_id == 7
        self.asked.set()
        self.seconds += ANSWER_SECONDS
        answer = self.answers.pop(0)
        if isinstance(answer, JoblogError):
            raise answer
        return answer

    def clock(self) -> float:
        return self.seconds


def patient(
    registry: Registry, pauses: Sequence[float], stopping: asyncio.Event | None = None
) -> PatientLook:
    return PatientLook(registry.schema, stopping or asyncio.Event(), registry.clock, pauses)


async def look_up(times: int, look: PatientLook) -> None:
    for _ in range(times):
        await look(7)


@pytest.mark.parametrize("trouble", [BUSY, NO_REGISTRY])
@pytest.mark.parametrize("answer", [MAIL, None])
async def test_it_asks_again_until_there_is_an_answer(
    trouble: JoblogError, answer: AvroSchema | None
) -> None:
    registry = Registry(trouble, trouble, answer)
    assert await patient(registry, AT_ONCE)(7) is answer
    assert registry.answers == []


@pytest.mark.parametrize("trouble", [BUSY, NO_REGISTRY])
async def test_it_does_not_ask_for_ever(trouble: JoblogError) -> None:
    registry = Registry(*[trouble] * 100)
    with pytest.raises(type(trouble)):
        await patient(registry, AT_ONCE)(7)
    assert registry.seconds == ANSWER_SECONDS + PATIENCE_SECONDS


@pytest.mark.parametrize("trouble", [BUSY, NO_REGISTRY])
async def test_the_records_of_a_poll_share_one_minute_and_those_of_the_next_have_another(
    trouble: JoblogError,
) -> None:
    flapping = (trouble, trouble, trouble, MAIL)
    registry = Registry(*flapping * 100)
    look = patient(registry, AT_ONCE)
    assert await look(7) is MAIL
    with pytest.raises(type(trouble)):
        await look_up(100, look)
    assert registry.seconds <= PATIENCE_SECONDS + 3 * ANSWER_SECONDS

    registry.answers = [*flapping]
    look.begin_poll()
    assert await look(7) is MAIL


async def test_it_does_not_pause_beyond_its_patience() -> None:
    registry = Registry(BUSY, MAIL)
    look = PatientLook(registry.schema, asyncio.Event(), registry.clock, NEVER, patience=0.01)
    assert await look(7) is MAIL


def test_a_minute_and_two_requests_end_before_the_group_takes_the_partitions_away() -> None:
    settings = Settings()
    asked_ms = 2 * settings.registry.request_timeout_ms
    assert PATIENCE_SECONDS * 1_000 + asked_ms < longest_poll_ms(settings)


@pytest.mark.parametrize("answer", [REFUSED, UNUSABLE])
async def test_an_answer_is_taken_as_it_is(answer: JoblogError) -> None:
    with pytest.raises(type(answer)):
        await patient(Registry(answer), NEVER)(7)


async def test_it_does_not_wait_once_it_is_to_stop() -> None:
    registry, stopping = Registry(BUSY, MAIL), asyncio.Event()
    looking = asyncio.create_task(patient(registry, NEVER, stopping)(7))
    await registry.asked.wait()
    stopping.set()
    with pytest.raises(RegistryUnavailableError):
        await looking
    assert registry.answers == [MAIL]
