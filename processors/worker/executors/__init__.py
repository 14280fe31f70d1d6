"""Where handlers run: in the event loop, in threads, in child processes."""

from joblog.processors.worker.executors.abc import Executor
from joblog.processors.worker.executors.coroutines import Coroutines
from joblog.processors.worker.executors.processes import Processes
from joblog.processors.worker.executors.threads import Threads

__all__ = ["Coroutines", "Executor", "Processes", "Threads"]
