"""A fetch is held for long only where no partition waits for its end."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v4

from joblog.streams.kafka.long_polls import COMPLETE_MS, PARTIAL_MS, hold_complete_fetches

LEADERS = {
    TopicPartition("a", 0): 1,
    TopicPartition("a", 1): 1,
    TopicPartition("b", 0): 1,
    TopicPartition("b", 1): 2,
}


class FakeFetcher:
    """Keeps how long the broker would hold what is fetched."""

    def __init__(self) -> None:
        self.waits: list[int] = []

    def _select_read_replica(self, partition: TopicPartition) -> int:
        return LEADERS[partition]

    async def _proc_fetch_request(self, _: object, __: object, request: FetchRequest) -> bool:
        built: Any = request.build(FetchRequest_v4)
        self.waits.append(built.max_wait_time)
        return True


async def test_the_wait_is_short_while_other_requests_are_to_come() -> None:
    fetcher: Any = FakeFetcher()
    settled = iter([False, True])
    consumer = cast("AIOKafkaConsumer", SimpleNamespace(_fetcher=fetcher))
    hold_complete_fetches(consumer, lambda: next(settled))
    for _ in range(2):
        request = FetchRequest(7, 1, 1, 1, [("b", [(1, 0, 1_024)])])
        await fetcher._proc_fetch_request(SimpleNamespace(tps=LEADERS), 2, request)  # noqa: SLF001 - aiokafka's name
    assert fetcher.waits == [PARTIAL_MS, COMPLETE_MS]


@pytest.mark.parametrize(
    ("node", "fetched", "wait"),
    [
        (1, [("a", [0, 1]), ("b", [0])], COMPLETE_MS),
        (1, [("a", [1]), ("b", [0])], PARTIAL_MS),
        (1, [("a", [0, 1])], PARTIAL_MS),
        (2, [("b", [1])], COMPLETE_MS),
    ],
)
async def test_the_wait_is_long_where_all_partitions_of_a_broker_are_fetched(
    node: int, fetched: list[tuple[str, list[int]]], wait: int
) -> None:
    fetcher: Any = FakeFetcher()
    hold_complete_fetches(cast("AIOKafkaConsumer", SimpleNamespace(_fetcher=fetcher)))
    topics = [(topic, [(number, 0, 1_024) for number in numbers]) for topic, numbers in fetched]
    assignment = SimpleNamespace(tps=LEADERS)
    assert await fetcher._proc_fetch_request(assignment, node, FetchRequest(7, 1, 1, 1, topics))  # noqa: SLF001 - aiokafka's name
    assert fetcher.waits == [wait]
