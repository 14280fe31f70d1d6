"""The relay's process: what it is made of, and how it runs."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from joblog.client.connection import KafkaConnection
from joblog.client.ids import Uuid7
from joblog.client.records import Records
from joblog.outbox.database import Database
from joblog.outbox.relay.metrics import RelayMetrics
from joblog.outbox.relay.relay import FAREWELL_SECONDS, Relay
from joblog.outbox.relay.steps import Reached, ignore
from joblog.streams.farewell import leaving
from joblog.streams.kafka import check_log
from joblog.streams.kafka.topic_watch import run_on_log
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer
from joblog.streams.stop_signals import stopped_by_signals
from joblog.streams.topics import TopicMap

logger = logging.getLogger(__name__)


async def run_relay(settings: Settings, reached: Reached = ignore) -> None:
    """Run a relay in this process until SIGINT or SIGTERM, and serve its signals.

    Args:
        settings: where Kafka and the database are; topics and table have to exist.
        reached: told each step of each batch. Defaults to nobody.

    Raises:
        SettingsError: the settings name no database.
        OutboxTableMissingError: there is no table.
        DatabaseUnavailableError: the database does not answer.
        KafkaUnavailableError: no broker answers, or none lets this client in.
        TopicMissingError: a topic does not exist.
        TopicMismatchError: a topic has other partitions than the settings say.
        EntriesUnconfirmedError: Kafka did not acknowledge in time; the entries are still in the table.
        RelayNotStoppedError: it did not stop in time.
        LogGoneError: the events topic was deleted, or made anew.
    """
    log_id = (await check_log(settings)).log_id
    metrics = Metrics()
    async with Database(settings) as database, _log(settings) as log:
        records = Records(TopicMap.of(settings), Uuid7(now_ms, os.urandom), now_ms)
        told = RelayMetrics(metrics)
        relay = Relay(settings, database, log, records, metrics=told, reached=reached)
        async with _signals(settings, metrics, relay):
            with stopped_by_signals(relay.stop):
                logger.info("publishing the outbox in %s", settings.outbox.place)
                await run_on_log(settings, log_id, relay.run())


@asynccontextmanager
async def _log(settings: Settings) -> AsyncIterator[KafkaConnection]:
    log = KafkaConnection(settings)
    await log.open()
    async with leaving(log.close, FAREWELL_SECONDS):
        yield log


def _signals(settings: Settings, metrics: Metrics, relay: Relay) -> SignalsServer:
    return SignalsServer(
        settings.signals.host,
        settings.signals.relay_port,
        metrics.registry,
        live=lambda: None,
        ready=lambda: None if relay.ready else "it has not looked into the outbox yet",
    )
