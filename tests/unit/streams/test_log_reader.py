"""What a reader of the log says when Kafka does not answer."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError

from joblog import KafkaUnavailableError, Settings
from joblog.streams.kafka import log_reader
from joblog.streams.kafka.log_reader import LogReader

Answer = TypeVar("Answer")

AT = TopicPartition("events", 0)
SILENCE = KafkaTimeoutError("no answer in time")


class SilentConsumer:
    """Connects, and gets no answer to some of what it asks then.

    Attributes:
        silent: the methods that get none.
    """

    silent: frozenset[str] = frozenset()

    def __init__(self, **_options: Any) -> None:  # noqa: ANN401 - aiokafka's
        self.stopped = False

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.stopped = True

    def assign(self, _partitions: list[TopicPartition]) -> None:
        pass

    def seek(self, _at: TopicPartition, _offset: int) -> None:
        pass

    async def beginning_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return self._answer("beginning_offsets", {AT: 0})

    async def end_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return self._answer("end_offsets", {AT: 1})

    async def offsets_for_times(self, _: dict[TopicPartition, int]) -> dict[TopicPartition, None]:
        return self._answer("offsets_for_times", {AT: None})

    async def position(self, _: TopicPartition) -> int:
        return self._answer("position", 0)

    async def getmany(self, *_: TopicPartition, **_options: int) -> dict[TopicPartition, list[Any]]:
        return self._answer("getmany", {})

    async def metadata(self) -> None:
        self._answer("metadata", None)

    def _answer(self, method: str, answer: Answer) -> Answer:
        if method in self.silent:
            raise SILENCE
        return answer


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> type[SilentConsumer]:
    class Consumer(SilentConsumer):
        pass

    async def look_for(consumer: SilentConsumer, _: list[str]) -> None:
        await consumer.metadata()

    monkeypatch.setattr(log_reader, "AIOKafkaConsumer", Consumer)
    monkeypatch.setattr(log_reader, "refuse_missing", look_for)
    return Consumer


async def starts(reader: LogReader) -> None:
    await reader.starts([AT])


async def ends(reader: LogReader) -> None:
    await reader.ends([AT])


async def since(reader: LogReader) -> None:
    await reader.since([AT], 0)


async def read(reader: LogReader) -> None:
    async for _ in reader.read({AT: 0}):
        pass


async def record(reader: LogReader) -> None:
    await reader.record(AT, 0)


@pytest.mark.parametrize(
    ("ask", "method"),
    [
        (starts, "metadata"),
        (starts, "beginning_offsets"),
        (ends, "end_offsets"),
        (since, "offsets_for_times"),
        (since, "end_offsets"),
        (read, "end_offsets"),
        (read, "getmany"),
        (read, "position"),
        (record, "beginning_offsets"),
        (record, "position"),
        (record, "getmany"),
    ],
)
async def test_a_question_without_an_answer_is_kafka_that_cannot_be_had(
    silent: type[SilentConsumer], ask: Callable[[LogReader], Awaitable[None]], method: str
) -> None:
    silent.silent = frozenset({method})
    async with LogReader(Settings()) as reader:
        with pytest.raises(KafkaUnavailableError, match="no answer in time") as caught:
            await ask(reader)
    assert caught.value.__cause__ is SILENCE


@pytest.mark.usefixtures("silent")
async def test_what_another_client_says_while_a_reader_is_open_stays_as_it_is() -> None:
    with pytest.raises(KafkaTimeoutError) as caught:
        async with LogReader(Settings()):
            raise SILENCE
    assert caught.value is SILENCE
