"""The delay service's process: what it is made of, and how it runs."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from joblog.processors.delays.metrics import DelaysMetrics
from joblog.processors.delays.observer import DelaysObserver
from joblog.processors.delays.service import DelayService
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


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
    """
    metrics = Metrics()
    service = DelayService(settings, observer or DelaysMetrics(metrics), now_ms)
    server = SignalsServer(
        settings.signals.host,
        settings.signals.delays_port,
        metrics.registry,
        live=lambda: None,
        ready=lambda: None if service.ready else "partitions are being taken over",
    )
    async with server:
        with _stopped_by_signals(service):
            await service.run()


@contextmanager
def _stopped_by_signals(service: DelayService) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for signum in SIGNALS:
        loop.add_signal_handler(signum, service.stop)
    try:
        yield
    finally:
        for signum in SIGNALS:
            loop.remove_signal_handler(signum)
