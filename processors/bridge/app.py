"""The bridge's process: what it is made of, and how it runs."""

from joblog.processors.bridge.service import Bridge
from joblog.streams.kafka import check_log
from joblog.streams.kafka.topic_watch import run_on_log
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer
from joblog.streams.stop_signals import stopped_by_signals


async def run_bridge(settings: Settings) -> None:
    """Run a bridge in this process until SIGINT or SIGTERM, and serve its signals.

    Args:
        settings: where Kafka and the registry are, and which topics there are; they have to exist.

    Raises:
        SettingsError: they name no registry.
        KafkaUnavailableError: no broker answers, or none lets this client in.
        RegistryUnavailableError: the registry fails a minute after it first did so in a poll, still or again;
            nothing more was committed.
        RegistryRefusedError: the same, where what answers is no registry.
        PublishError: something was not acknowledged; nothing more was committed.
        KafkaError: reading or committing has failed for good.
        TopicMissingError: a topic does not exist.
        LogGoneError: the events topic was deleted, or made anew.
    """
    log = await check_log(settings)
    metrics = Metrics()
    bridge = Bridge(settings, metrics, now_ms)
    server = SignalsServer(
        settings.signals.host,
        settings.signals.bridge_port,
        metrics.registry,
        live=lambda: None,
        ready=lambda: None if bridge.ready else "partitions are being taken over",
    )
    async with server:
        with stopped_by_signals(bridge.stop):
            await run_on_log(settings, log.log_id, bridge.run())
