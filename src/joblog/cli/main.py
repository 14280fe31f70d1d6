"""Where the command begins, and how it ends."""

import sys

from aiokafka.errors import KafkaError

from joblog.cli.app import app
from joblog.cli.exit_codes import ExitCode, exit_code_of
from joblog.cli.logs import keep_libraries_quiet
from joblog.cli.output import note
from joblog.schemas.errors import JoblogError


def main() -> None:
    """Run the command of this process's arguments, and exit."""
    keep_libraries_quiet()
    try:
        app()
    except JoblogError as error:
        note(f"joblog: {error}")
        sys.exit(exit_code_of(error))
    except KafkaError as error:
        note(f"joblog: Kafka answers: {error}")
        sys.exit(ExitCode.FAILURE)
