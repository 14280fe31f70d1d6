"""`joblog dev`: everything in one terminal."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from joblog.cli.broker import broker_directory, port_of
from joblog.cli.errors import BrokerNotReadyError, BrokerPortTakenError
from joblog.cli.exit_codes import ExitCode
from joblog.cli.lines import Lines
from joblog.cli.logs import keep_libraries_quiet, set_up_logging
from joblog.cli.options import runs
from joblog.cli.output import note
from joblog.cli.processes import Modules
from joblog.cli.reload import Reload
from joblog.streams.broker import PortTakenError
from joblog.streams.broker.embedded import default_cache_dir
from joblog.streams.broker.ports import free_port, refuse_taken
from joblog.streams.broker.properties import HOST
from joblog.streams.kafka import ensure_topics
from joblog.streams.kafka.topic_watch import run_on_log
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.signals.metrics import Metrics
from joblog.streams.signals.server import SignalsServer
from joblog.supervisor import ChildSpec, Supervisor, Timing

BROKER: Final = "broker"
WORKER: Final = "worker"
DEFAULT_PORT: Final = 9_092
"""That of the default of bootstrap_servers, so that other terminals find the broker."""
BROKER_SECONDS: Final = 180.0
"""Time for an embedded broker to be ready; the first one on a machine is downloaded."""
CHECK_SECONDS: Final = 0.1

Workers = Annotated[int, typer.Option(help="Worker processes.", min=1)]
BrokerPort = Annotated[
    int,
    typer.Option(help="Where the embedded broker listens.", min=1, max=65_535),
]


WatchSources = Annotated[
    bool,
    typer.Option(
        "--reload/--no-reload",
        help="Start workers again when a Python file below the current directory has changed.",
    ),
]


@runs
async def dev(
    modules: Modules,
    *,
    workers: Workers = 1,
    broker_port: BrokerPort = DEFAULT_PORT,
    reload: WatchSources = True,
) -> None:
    """Run everything in one terminal; Ctrl-C ends it.

    That is a broker, a scheduler, a delay service and workers. What ends or hangs is started again; so are
    workers, in good order, when source files have changed. The broker is an embedded one, unless the setting
    bootstrap_servers names another.
    """
    set_up_logging()
    keep_libraries_quiet()
    settings = Settings()
    embedded = "bootstrap_servers" not in settings.model_fields_set
    if embedded:
        settings = Settings(bootstrap_servers=f"{HOST}:{broker_port}")
    stop, lines, metrics = _stop_signal(), Lines(), Metrics()

    def count(name: str) -> None:
        metrics.restarts.labels(name).inc()

    async with AsyncExitStack() as stack:
        if embedded:
            await stack.enter_async_context(_embedded_broker(settings, lines, count, stop))
        if stop.is_set():
            return
        log_id = await ensure_topics(settings, now_ms())
        server = await stack.enter_async_context(_signals(settings, metrics))
        children = specs(settings, modules, workers, waits_for_change=reload)
        supervisor = Supervisor(children, lines, Timing.of(settings), on_restart=count)
        await stack.enter_async_context(supervisor)
        if reload:
            stack.callback(_watch(supervisor, settings, stop).cancel)
        note(
            f"joblog runs on {settings.bootstrap_servers}; restarts are counted at {server.url}/metrics"
        )
        if embedded and broker_port != DEFAULT_PORT:
            note(
                f"in other terminals: export JOBLOG_BOOTSTRAP_SERVERS={settings.bootstrap_servers}"
            )
        await run_on_log(settings, log_id, stop.wait())
        note("ending")


def _signals(settings: Settings, metrics: Metrics) -> SignalsServer:
    return SignalsServer(
        settings.signals.host,
        0,
        metrics.registry,
        live=lambda: None,
        ready=lambda: None,
    )


def _watch(supervisor: Supervisor, settings: Settings, stop: asyncio.Event) -> "asyncio.Task[None]":
    def renew() -> None:
        supervisor.renew(name for name in supervisor.names if name.startswith(WORKER))

    watching = Reload(renew).watch(Path.cwd(), settings.data_dir, stop)
    return asyncio.create_task(watching, name="watch source files")


def specs(
    settings: Settings, modules: Sequence[str], workers: int, *, waits_for_change: bool = False
) -> list[ChildSpec]:
    """Return the processes beside the broker, each with a port for its signals.

    Args:
        settings: of the log.
        modules: have the handlers.
        workers: how many processes run them.
        waits_for_change: a worker whose modules cannot be loaded waits until it is renewed.
    """
    signals = settings.signals
    hopeless = frozenset({ExitCode.UNLOADABLE.value}) if waits_for_change else frozenset()
    names = [WORKER] if workers == 1 else [f"{WORKER}-{n + 1}" for n in range(workers)]
    worker_port = signals.worker_port if workers == 1 else None
    return [
        _spec(settings, "scheduler", "SCHEDULER_PORT", signals.scheduler_port, ["scheduler"]),
        _spec(settings, "delays", "DELAYS_PORT", signals.delays_port, ["delays"]),
        *(
            replace(
                _spec(settings, name, "WORKER_PORT", worker_port, ["worker", *modules]),
                hopeless_codes=hopeless,
            )
            for name in names
        ),
        *(
            [_spec(settings, "bridge", "BRIDGE_PORT", signals.bridge_port, ["bridge"])]
            if settings.registry.url
            else []
        ),
    ]


def _spec(
    settings: Settings, name: str, setting: str, wanted: int | None, arguments: Sequence[str]
) -> ChildSpec:
    port = wanted or free_port()
    environment = {
        "JOBLOG_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        f"JOBLOG_SIGNALS__{setting}": str(port),
        "PYTHONUNBUFFERED": "1",  # what handlers print is shown when they print it
    }
    live_url = f"http://{settings.signals.host}:{port}/live"
    return ChildSpec(name, _command(arguments), environment, live_url)


@asynccontextmanager
async def _embedded_broker(
    settings: Settings, lines: Lines, count: Callable[[str], None], stop: asyncio.Event
) -> AsyncIterator[None]:
    port = port_of(settings)
    try:
        refuse_taken(port)
    except PortTakenError as error:
        raise BrokerPortTakenError(port) from error
    data_dir = broker_directory(settings, None)
    if not default_cache_dir().exists():
        note("Kafka is downloaded, once on this machine: 45 MB")
    command = _command(["broker", "--data-dir", str(data_dir), "--port", str(port)])
    async with Supervisor([ChildSpec(BROKER, command)], lines, on_restart=count) as supervisor:
        try:
            async with asyncio.timeout(BROKER_SECONDS):
                while not stop.is_set() and not await _listens(settings):
                    if supervisor.restarts[BROKER]:
                        raise BrokerNotReadyError(settings.bootstrap_servers)
                    await asyncio.sleep(CHECK_SECONDS)
        except TimeoutError:
            raise BrokerNotReadyError(settings.bootstrap_servers) from None
        yield


async def _listens(settings: Settings) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port_of(settings))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "joblog.cli", *arguments]


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
