"""Stands in for aiokafka's producer: notes what it sends, and answers when it is told to."""

import asyncio
from types import SimpleNamespace

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

BATCH_BYTES = 1_000

Answer = asyncio.Future[SimpleNamespace]


class FakeProducer:
    """Answers at once, unless it is to wait."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, list[bytes | None]]] = []
        self.answers: list[Answer] = []
        self.answering = True
        self.refusal: Exception | None = None
        self.stopping = asyncio.Event()
        self.stopped = asyncio.Event()
        self.stopped.set()

    async def start(self) -> None:
        await asyncio.sleep(0)

    async def stop(self) -> None:
        self.stopping.set()
        await self.stopped.wait()

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH_BYTES, 0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> Answer:
        del topic
        if self.refusal is not None:
            raise self.refusal
        records = MemoryRecords(bytes(batch._build())).next_batch()  # noqa: SLF001 - what is sent
        self.answers.append(asyncio.get_running_loop().create_future())
        self.sent.append((partition, [record.value for record in records or ()]))
        if self.answering:
            self.acknowledge(len(self.sent) - 1)
        return self.answers[-1]

    def acknowledge(self, number: int) -> None:
        partition = self.sent[number][0]
        self.answers[number].set_result(
            SimpleNamespace(offset=len(self.values(partition, before=number)))
        )

    def values(self, partition: int, before: int | None = None) -> list[bytes | None]:
        return [value for at, batch in self.sent[:before] for value in batch if at == partition]

    async def has_sent(self, batches: int) -> None:
        while len(self.sent) < batches:  # noqa: ASYNC110 - each turn of the loop counts here
            await asyncio.sleep(0)
