import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from joblog.streams.broker import EmbeddedBroker
from joblog.streams.kafka import KafkaPublisher
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from tests.kafka.delays.conftest import StartProcess
from tests.kafka.delays.running import Follower, Scheduled, defer

GRACE_MS = 1_000
SECONDS = 10.0


@pytest.fixture
def private_broker(make_broker: Callable[..., EmbeddedBroker]) -> Iterator[EmbeddedBroker]:
    broker = make_broker()
    broker.start()
    yield broker
    os.kill(broker.pid, signal.SIGCONT)


@pytest.fixture
def bootstrap_servers(private_broker: EmbeddedBroker) -> str:
    return private_broker.bootstrap_servers


async def test_it_stops_within_its_bound_though_the_broker_does_not_answer(
    settings: Settings,
    publisher: KafkaPublisher,
    events: Follower,
    start_process: StartProcess,
    private_broker: EmbeddedBroker,
) -> None:
    process = await start_process(JOBLOG_DELAYS__SHUTDOWN_GRACE_MS=str(GRACE_MS))
    await defer(publisher, settings, [Scheduled("job", now_ms())])
    await events.until(lambda: events.woken["job"])
    os.kill(private_broker.pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert await process.stop() == 1
    assert time.monotonic() - begun < SECONDS
    os.kill(private_broker.pid, signal.SIGCONT)
