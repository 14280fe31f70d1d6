"""Keeps processes running: starts again what exits or hangs, and ends all within a bound."""

from joblog.supervisor.child import ChildSpec
from joblog.supervisor.supervisor import Supervisor
from joblog.supervisor.timing import Timing

__all__ = ["ChildSpec", "Supervisor", "Timing"]
