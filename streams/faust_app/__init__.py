"""The Faust app of the scheduler: membership, batch delivery, offsets, and the end of the process."""

from joblog.streams.faust_app.app import JoblogApp, build_app
from joblog.streams.faust_app.assignment import Acknowledge, OwnerFactory
from joblog.streams.faust_app.worker import run

__all__ = ["Acknowledge", "JoblogApp", "OwnerFactory", "build_app", "run"]
