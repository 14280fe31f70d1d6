"""Runs the command as `python -m joblog.cli`."""

from joblog.cli.main import main

main()
