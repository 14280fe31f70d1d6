"""What the command's exit code says. `joblog --help` lists them."""

from enum import IntEnum

from joblog.schemas.errors import JoblogError


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    """It did what it was asked for."""
    FAILURE = 1
    """It could not; the message says why."""
    USAGE = 2
    """Arguments or settings make no sense; nothing was done."""
    NOT_FOUND = 3
    """There is no such job, type or dead letter."""
    TIMED_OUT = 4
    """The job was not at its end in time."""
    NOT_SUCCEEDED = 5
    """The job that was waited for ended otherwise."""
    UNLOADABLE = 6
    """A worker's modules cannot be loaded, or have no handlers."""


def exit_code_of(error: JoblogError) -> ExitCode:
    """Return the exit code for an error; only this needs to know them all, and a command imports its own."""
    # ruff: noqa: PLC0415
    from joblog.cli.bulk.errors import ColumnsRefusedError, SkippedUnwritableError
    from joblog.cli.errors import HandlersUnloadableError, UnknownTypeError
    from joblog.client.errors import JobNotFoundError, JobTimeoutError
    from joblog.processors.dead_letters.errors import DeadLetterNotFoundError
    from joblog.processors.worker.errors import NoHandlersError
    from joblog.streams.errors import SettingsError

    match error:
        case SettingsError() | ColumnsRefusedError() | SkippedUnwritableError():
            return ExitCode.USAGE
        case JobNotFoundError() | DeadLetterNotFoundError() | UnknownTypeError():
            return ExitCode.NOT_FOUND
        case HandlersUnloadableError() | NoHandlersError():
            return ExitCode.UNLOADABLE
        case JobTimeoutError():
            return ExitCode.TIMED_OUT
        case _:
            return ExitCode.FAILURE
