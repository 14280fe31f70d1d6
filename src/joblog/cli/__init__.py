"""The `joblog` command."""

from joblog.cli.main import main

__all__ = ["main"]
