"""The delay service: wakes jobs when they are due."""

from joblog.processors.delays.app import run_delays

__all__ = ["run_delays"]
