"""What a reader of the log says when Kafka does not answer."""

from typing import Any, NoReturn

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError

from joblog import KafkaUnavailableError, Settings
from joblog.streams.kafka import log_reader
from joblog.streams.kafka.log_reader import LogReader


class SilentConsumer:
    """Connects, and gets no answer to what it asks then."""

    def __init__(self, **_options: Any) -> None:  # noqa: ANN401 - aiokafka's
        self.stopped = False

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.stopped = True

    async def end_offsets(self, _partitions: list[TopicPartition]) -> NoReturn:
        raise KafkaTimeoutError("no offsets in time")


async def test_a_question_without_an_answer_is_kafka_that_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def all_exist(*_: object) -> None: ...

    monkeypatch.setattr(log_reader, "AIOKafkaConsumer", SilentConsumer)
    monkeypatch.setattr(log_reader, "refuse_missing", all_exist)
    with pytest.raises(KafkaUnavailableError, match="no offsets in time") as caught:
        async with LogReader(Settings()) as reader:
            await reader.ends([TopicPartition("events", 0)])
    assert isinstance(caught.value.__cause__, KafkaTimeoutError)
