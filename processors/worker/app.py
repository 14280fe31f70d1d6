"""The worker's process: what it is made of, and how it runs."""

import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from joblog.processors.worker.clock import machine_clock
from joblog.processors.worker.metrics import WorkerMetrics
from joblog.processors.worker.observer import WorkerObserver
from joblog.processors.worker.registry import HANDLERS, Registry
from joblog.processors.worker.worker import FAREWELL_SECONDS, Worker
from joblog.streams.farewell import leaving
from joblog.streams.kafka import KafkaPublisher, check_log
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer
from joblog.streams.stop_signals import stopped_by_signals

HOST_CHARACTERS: Final = 64

logger = logging.getLogger(__name__)


async def run_worker(
    settings: Settings, registry: Registry = HANDLERS, observer: WorkerObserver | None = None
) -> None:
    """Run a worker in this process until SIGINT or SIGTERM, and serve its signals.

    Args:
        settings: where Kafka is, and which topics there are; they have to exist.
        registry: the handlers. Defaults to those that `@job` has registered.
        observer: watches. Defaults to the metrics that are served.

    Raises:
        NoHandlersError: there are no handlers.
        HandlerError: a handler cannot be imported by its name, asks for what no resource gives, or its lane
            is none of the log's.
        ScopeError: the same of a resource or a middleware.
        ResourceFailedError: a resource did not open or close.
        KafkaUnavailableError: no broker answers, or none lets this client in.
        TopicMissingError: a topic does not exist.
        LogGoneError: the events topic was deleted, or made anew.
        PublishError: something was not acknowledged; nothing more was committed.
        KafkaError: reading or committing has failed for good.
        StopTimeoutError: it did not manage to stop in time.
    """
    metrics = Metrics()
    log = await check_log(settings)
    async with _publisher(settings) as publisher:
        worker = Worker(
            settings,
            registry,
            publisher,
            log_id=log.log_id,
            worker_id=worker_id(),
            clock=machine_clock(),
            observer=observer or WorkerMetrics(metrics),
        )
        async with _signals(settings, metrics, worker):
            with stopped_by_signals(worker.stop), _ended_in_any_case(worker):
                await worker.run()


def worker_id() -> str:
    """Return a name for this run of this process that no other has."""
    host = socket.gethostname()[:HOST_CHARACTERS]
    return f"{host}-{os.getpid()}-{secrets.token_hex(4)}"


@asynccontextmanager
async def _publisher(settings: Settings) -> AsyncIterator[KafkaPublisher]:
    publisher = KafkaPublisher(settings)
    await publisher.start()
    async with leaving(publisher.stop, FAREWELL_SECONDS):
        yield publisher


def _signals(settings: Settings, metrics: Metrics, worker: Worker) -> SignalsServer:
    return SignalsServer(
        settings.signals.host,
        settings.signals.worker_port,
        metrics.registry,
        live=lambda: None,
        ready=lambda: None if worker.ready else "partitions are being taken over",
    )


@contextmanager
def _ended_in_any_case(worker: Worker) -> Iterator[None]:
    """End the process at once where handlers refuse to end: the event loop would wait for them."""
    exit_code = 1
    try:
        yield
        exit_code = 0
    except Exception as error:
        if worker.unstoppable:
            logger.critical("The worker ends: %s", error, exc_info=error)
        raise
    finally:
        if worker.unstoppable:
            logger.error(
                "Left in the middle: %d handlers that cannot be stopped", worker.unstoppable
            )
            logging.shutdown()
            os._exit(exit_code)
