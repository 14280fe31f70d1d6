"""The worker pool: runs handlers, and reports how attempts end."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joblog.processors.worker.app import run_worker

__all__ = ["run_worker"]


def __getattr__(name: str) -> object:
    """Import what runs a worker when it is asked for: who only declares handlers does without."""
    if name != "run_worker":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from joblog.processors.worker.app import run_worker  # noqa: PLC0415 - see above

    return run_worker
