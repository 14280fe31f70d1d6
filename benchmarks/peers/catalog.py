"""The peers: how each one's workers are started on two cores, as its documentation says."""

from dataclasses import dataclass
from typing import Final

from benchmarks.peers import stores


@dataclass(frozen=True)
class Peer:
    """A job system.

    Attributes:
        name: its folder here, and its distribution.
        shown: how it is called.
        command: what runs its workers, after the Python of its environment.
        settings: what the command and the app set, in words.
        store: starts what keeps its jobs.
        stored: what that is, in words.
        workers: how many times the command is started.
    """

    name: str
    shown: str
    command: tuple[str, ...]
    settings: str
    store: stores.Store = stores.redis
    stored: str = stores.REDIS
    workers: int = 1


PEERS: Final = (
    Peer(
        "dramatiq",
        "Dramatiq",
        ("-m", "dramatiq", "app", "--processes", "2", "--threads", "8"),
        "2 processes × 8 threads; results kept",
    ),
    Peer(
        "taskiq",
        "Taskiq",
        ("-m", "taskiq", "worker", "app:broker", "--workers", "2"),
        "2 processes of coroutines; a Redis stream, which acknowledges; JSON results kept; submitted 500 at once",
    ),
    Peer(
        "celery",
        "Celery",
        ("-m", "celery", "-A", "app", "worker", "--concurrency", "2", "--loglevel", "WARNING"),
        "2 processes (prefork); acknowledged after a task ran (`acks_late`), 16 prefetched each; results kept",
    ),
    Peer(
        "huey",
        "Huey",
        ("-m", "huey.bin.huey_consumer", "app.huey", "-w", "2", "-k", "process"),
        "2 worker processes; results kept",
    ),
    Peer(
        "rq",
        "RQ",
        ("-m", "rq.cli", "worker", "--worker-class", "rq.worker.SimpleWorker", "--quiet", "noop"),
        "2 `SimpleWorker` processes, which do not fork for each job; submitted 500 in a round trip; results kept",
        workers=2,
    ),
    Peer(
        "arq",
        "arq",
        ("-m", "arq", "app.WorkerSettings"),
        "2 processes × 100 coroutines, polling each 50 ms; submitted 500 at once; results kept",
        workers=2,
    ),
    Peer(
        "procrastinate",
        "Procrastinate",
        ("-m", "procrastinate", "--app", "app.app", "worker", "--concurrency", "20"),
        "1 process × 20 coroutines; submitted 500 in a statement; no results, so successes are counted",
        store=stores.postgres,
        stored=stores.POSTGRES,
    ),
)
