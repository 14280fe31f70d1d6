"""The peers: how each one's workers are started on two cores, as its documentation says."""

from dataclasses import dataclass
from typing import Final

from benchmarks.peers import stores


@dataclass(frozen=True)
class Peer:
    """A job system.

    Attributes:
        name: its folder here, and its distribution.
        store: where it keeps its jobs.
        command: what runs its workers, after the Python of its environment.
        workers: how many times that is started.
        shown: how it is called.
    """

    name: str
    shown: str
    command: tuple[str, ...]
    store: stores.Store = stores.redis
    workers: int = 1


PEERS: Final = (
    Peer("dramatiq", "Dramatiq", ("-m", "dramatiq", "app", "--processes", "2", "--threads", "8")),
    Peer("taskiq", "Taskiq", ("-m", "taskiq", "worker", "app:broker", "--workers", "2")),
    Peer(
        "celery",
        "Celery",
        ("-m", "celery", "-A", "app", "worker", "--concurrency", "2", "--loglevel", "WARNING"),
    ),
    Peer("huey", "Huey", ("-m", "huey.bin.huey_consumer", "app.huey", "-w", "2", "-k", "process")),
    Peer(
        "rq",
        "RQ",
        ("-m", "rq.cli", "worker", "--worker-class", "rq.worker.SimpleWorker", "--quiet", "noop"),
        workers=2,
    ),
    Peer("arq", "arq", ("-m", "arq", "app.WorkerSettings"), workers=2),
    Peer(
        "procrastinate",
        "Procrastinate",
        ("-m", "procrastinate", "--app", "app.app", "worker", "--concurrency", "20"),
        store=stores.postgres,
    ),
)
