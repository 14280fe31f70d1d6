"""The commands that are one process each, until SIGINT or SIGTERM."""

import asyncio
import gc
import logging
import sys
import traceback
from collections.abc import Coroutine, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from joblog.cli.errors import HandlersUnloadableError, ModuleMissingError
from joblog.cli.logs import set_up_logging
from joblog.schemas.errors import JoblogError
from joblog.streams.kafka import check_log, connected_admin, mend_topics
from joblog.streams.settings import Settings

if TYPE_CHECKING:
    from joblog.processors.worker.registry import Registry

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

logger = logging.getLogger(__name__)

GC_OF_SCHEDULER: Final = (200_000, 20, 50)
"""Next to nothing of a scheduler is part of a cycle; Python's defaults spent 7 % of the time on looking."""

GC_OF_WORKER: Final = (50_000, 10, 10)
"""Handlers may make cycles: they are looked for more often."""

Modules = Annotated[
    list[str],
    typer.Argument(
        help="Modules with handlers, importable from the current directory.",
        metavar="MODULE[:ATTR]…",
    ),
]


def scheduler() -> None:
    """Run a scheduler.

    It folds events into the state tables, dispatches attempts and schedules retries.
    """
    from joblog.processors.scheduler.app import SchedulerProcess  # noqa: PLC0415 - Faust takes its time

    settings = _ready("scheduler", mend=True)
    _collect_garbage_rarely(GC_OF_SCHEDULER)
    SchedulerProcess(settings).run()


def delays() -> None:
    """Run a delay service.

    It wakes jobs when they are due.
    """
    from joblog.processors.delays import run_delays  # noqa: PLC0415 - other commands do without

    _run(run_delays(_ready("delays")))


def worker(modules: Modules) -> None:
    """Run a worker with the handlers of some modules."""
    from joblog.processors.worker import run_worker  # noqa: PLC0415 - other commands do without

    settings = _ready("worker")
    sys.path.insert(0, str(Path.cwd()))
    handlers = _handlers(modules)
    _collect_garbage_rarely(GC_OF_WORKER)
    _run(run_worker(settings, handlers))


def bridge() -> None:
    """Run a bridge.

    It passes on what serializers of a schema registry have submitted.
    """
    from joblog.processors.bridge import run_bridge  # noqa: PLC0415 - other commands do without

    _run(run_bridge(_ready("bridge")))


def relay() -> None:
    """Run a relay of the outbox."""
    from joblog.outbox.relay import run_relay  # noqa: PLC0415 - an extra, which others do without

    _run(run_relay(_ready("relay")))


def _handlers(modules: Sequence[str]) -> "Registry":
    from joblog.processors.worker.registry import load_handlers  # noqa: PLC0415 - other commands do without

    try:
        return load_handlers(modules)
    except ModuleNotFoundError as error:
        names = {reference.partition(":")[0] for reference in modules}
        if error.name is not None and any(
            f"{name}.".startswith(f"{error.name}.") for name in names
        ):
            raise ModuleMissingError(error.name, Path.cwd()) from None
        raise _unloadable(modules, error) from error  # a module imports one that there is not
    except Exception as error:
        raise _unloadable(modules, error) from error


def _unloadable(modules: Sequence[str], error: Exception) -> HandlersUnloadableError:
    if not isinstance(error, JoblogError | TypeError):  # what is wrong is somewhere in their code
        traceback.print_exception(error)
    return HandlersUnloadableError(
        tuple(modules), "".join(traceback.format_exception_only(error)).strip()
    )


def _run(process: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(process)


def _ready(component: str, *, mend: bool = False) -> Settings:
    set_up_logging()
    settings = Settings()
    logger.info(
        "joblog %s %s: Kafka at %s, namespace %s",
        component,
        version("joblog"),
        settings.bootstrap_servers,
        settings.namespace,
    )
    asyncio.run(_check(settings, mend=mend))
    return settings


async def _check(settings: Settings, *, mend: bool) -> None:
    if mend:
        async with connected_admin(settings) as admin:
            for name in await mend_topics(admin, settings):
                logger.error("%s was missing and is created again", name)
    await check_log(settings)


def _collect_garbage_rarely(thresholds: tuple[int, int, int]) -> None:
    """Leave what is imported out of every collection, and begin one less often (`gc.set_threshold`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*thresholds)
