"""What one broker does not answer, another one does."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError, RequestTimedOutError

from joblog.streams.kafka.any_broker import AWAY, ask_any


class Brokers:
    """Three, of which one answers."""

    def __init__(self, error: type[KafkaError]) -> None:
        self.cluster = SimpleNamespace(
            brokers=lambda: [SimpleNamespace(nodeId=n) for n in (1, 2, 3)]
        )
        self.asked: list[int] = []
        self._error = error

    async def send(self, node: int, request: str) -> str:
        self.asked.append(node)
        if node != 2:
            raise self._error
        return f"{request}!"


async def ask(brokers: Brokers, **options: Any) -> str:  # noqa: ANN401 - as they are
    answer: str = await ask_any(cast("AIOKafkaClient", brokers), "topics", **options)
    return answer


async def test_one_that_is_away_is_passed_over() -> None:
    assert {await ask(Brokers(KafkaConnectionError)) for _ in range(20)} == {"topics!"}


async def test_one_that_hangs_is_passed_over_where_asking_twice_does_no_harm() -> None:
    silent = (*AWAY, RequestTimedOutError)
    assert {await ask(Brokers(RequestTimedOutError), away=silent) for _ in range(20)} == {"topics!"}


async def test_one_that_hangs_may_have_done_what_it_was_asked_for() -> None:
    hanging = Brokers(RequestTimedOutError)
    for _ in range(50):
        hanging.asked.clear()
        with suppress(RequestTimedOutError):
            await ask(hanging)
        assert len(hanging.asked) == 1
