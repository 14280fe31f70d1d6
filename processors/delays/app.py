"""The delay service's process: what it is made of, and how it runs."""

from joblog.processors.delays.metrics import DelaysMetrics
from joblog.processors.delays.observer import DelaysObserver
from joblog.processors.delays.service import DelayService
from joblog.streams.kafka import check_log
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer
from joblog.streams.stop_signals import stopped_by_signals


async def run_delays(settings: Settings, observer: DelaysObserver | None = None) -> None:
    """Run a delay service in this process until SIGINT or SIGTERM, and serve its signals.

    Args:
        settings: where Kafka is, and which topics there are; they have to exist.
        observer: watches. Defaults to the metrics that are served.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        PublishError: something was not acknowledged; nothing more was committed.
        KafkaError: reading or committing has failed for good.
        StopTimeoutError: it did not stop in time.
        TopicMissingError: a topic does not exist.
        TopicMadeAnewError: a delay topic was deleted, or made anew.
        LogGoneError: the events topic was.
    """
    metrics = Metrics()
    log = await check_log(settings)
    service = DelayService(settings, observer or DelaysMetrics(metrics), now_ms, log)
    server = SignalsServer(
        settings.signals.host,
        settings.signals.delays_port,
        metrics.registry,
        live=lambda: None,
        ready=lambda: None if service.ready else "partitions are being taken over",
    )
    async with server:
        with stopped_by_signals(service.stop):
            await service.run()
