"""The same log, scheduler and worker as for the tests of the command."""

from tests.kafka.cli.conftest import bench, env, scheduler, settings, start, work

__all__ = ["bench", "env", "scheduler", "settings", "start", "work"]
