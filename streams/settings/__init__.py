"""All settings: what they mean, their defaults, and what is allowed."""

from joblog.streams.settings.groups import (
    DelaysSettings,
    LimitsSettings,
    ProducerSettings,
    SchedulerSettings,
    SignalsSettings,
    WorkerSettings,
)
from joblog.streams.settings.outbox import OutboxSettings
from joblog.streams.settings.registry import RegistrySettings
from joblog.streams.settings.root import Settings

__all__ = [
    "DelaysSettings",
    "LimitsSettings",
    "OutboxSettings",
    "ProducerSettings",
    "RegistrySettings",
    "SchedulerSettings",
    "Settings",
    "SignalsSettings",
    "WorkerSettings",
]
