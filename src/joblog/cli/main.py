"""Where the command begins, and how it ends."""

import sys

from aiokafka.errors import KafkaError

from joblog.cli.app import app
from joblog.cli.exit_codes import ExitCode, exit_code_of
from joblog.cli.logs import keep_libraries_quiet
from joblog.cli.output import note
from joblog.schemas.errors import JoblogError
from joblog.streams.kafka.client import denial_in, unavailable
from joblog.streams.settings import Settings


def main() -> None:
    """Run the command of this process's arguments, and exit."""
    keep_libraries_quiet()
    try:
        app()
    except JoblogError as error:
        note(f"joblog: {_explained(error, str(error))}")
        for further in getattr(error, "__notes__", ()):
            note(f"joblog: besides, {further}")
        sys.exit(exit_code_of(error))
    except KafkaError as error:
        note(f"joblog: {_explained(error, f'Kafka answers: {error}')}")
        sys.exit(ExitCode.FAILURE)


def _explained(error: Exception, words: str) -> str:
    """Return the words for an error, or that a right is missing where that is behind it."""
    denial = denial_in(error)
    return words if denial is None else str(unavailable(Settings().bootstrap_servers, denial))
