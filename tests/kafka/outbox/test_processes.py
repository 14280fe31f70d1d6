"""Relays as processes: they share the work, serve their signals, and end when they are asked to."""

from functools import partial

from aiohttp import ClientConnectionError, ClientSession
from prometheus_client.parser import text_string_to_metric_families

from joblog.outbox.asyncpg import submit
from joblog.streams.broker.ports import free_port
from joblog.streams.kafka import KafkaPublisher, check_topics
from joblog.streams.kafka.log_identity import announcement
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.faults.deleting import create, delete
from tests.kafka.outbox.conftest import Connection, StartRelay
from tests.kafka.outbox.running import (
    MAIL,
    TYPE,
    Events,
    Mail,
    depth_of,
)
from tests.kafka.running import eventually

LOCK = "SELECT FROM joblog_outbox WHERE job_id = $1 FOR UPDATE"


async def test_two_relays_share_the_entries(
    settings: Settings, connection: Connection, events: Events, start_relay: StartRelay
) -> None:
    urls = []
    for _ in range(2):
        port = free_port()
        await start_relay(JOBLOG_OUTBOX__BATCH_ENTRIES="7", JOBLOG_SIGNALS__RELAY_PORT=str(port))
        urls.append(f"http://127.0.0.1:{port}")
    for url in urls:
        await eventually(partial(is_ready, url))
    submitted = [await submit(connection, TYPE, Mail(to=str(number))) for number in range(500)]
    await eventually(partial(is_empty, settings))
    published = await events.submitted()
    assert {job_id: len(values) for job_id, values in published.items()} == (
        dict.fromkeys(submitted, 1)
    )
    shares = [await served_value(url, "joblog_outbox_published_total") for url in urls]
    assert min(shares) > 0
    assert sum(shares) == 500


async def test_a_relay_ends_when_its_log_is_gone_and_does_not_start_again(
    settings: Settings, connection: Connection, start_relay: StartRelay
) -> None:
    log_id = (await check_topics(settings)).log_id
    async with KafkaPublisher(settings) as publisher:
        await publisher.publish([announcement(settings, log_id, "/tests", now_ms())])
    port = free_port()
    relay = await start_relay(JOBLOG_SIGNALS__RELAY_PORT=str(port))
    await eventually(partial(is_ready, f"http://127.0.0.1:{port}"))
    topic = TopicMap.of(settings).events
    await delete(settings, topic)
    await create(settings, topic)
    assert await relay.ends() == 1
    await submit(connection, TYPE, MAIL)
    assert await (await start_relay()).ends() == 1
    assert (await depth_of(settings)).waiting == 1


async def is_ready(url: str) -> bool:
    async with ClientSession() as session:
        try:
            async with session.get(f"{url}/ready") as response:
                return response.status == 200
        except ClientConnectionError:
            return False


async def served_value(url: str, name: str) -> float:
    async with ClientSession() as session, session.get(f"{url}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
    return next(
        sample.value for family in families for sample in family.samples if sample.name == name
    )


async def is_empty(settings: Settings) -> bool:
    return (await depth_of(settings)).waiting == 0


async def test_it_serves_signals_and_sigterm_ends_it(
    settings: Settings, connection: Connection, start_relay: StartRelay
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    await submit(connection, TYPE, MAIL)
    locked = await submit(connection, TYPE, MAIL)
    async with connection.transaction():  # it waits, as long as this holds it
        await connection.execute(LOCK, locked)
        relay = await start_relay(JOBLOG_SIGNALS__RELAY_PORT=str(port))
        await eventually(partial(is_ready, url))
        assert await served_value(url, "joblog_outbox_published_total") == 1
        await eventually(partial(served_value, url, "joblog_outbox_oldest_seconds"))
        assert await served_value(url, "joblog_outbox_entries") == 1
    await eventually(partial(is_empty, settings))
    async with ClientSession() as session, session.get(f"{url}/live") as response:
        assert response.status == 200
    assert await relay.stop() == 0
    assert await is_empty(settings)
