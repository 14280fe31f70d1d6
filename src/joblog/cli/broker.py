"""`joblog broker`: a real Apache Kafka in the foreground."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from joblog.cli.exit_codes import ExitCode
from joblog.cli.options import Json
from joblog.cli.output import note, print_json
from joblog.streams.broker import EmbeddedBroker
from joblog.streams.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option(help="Directory of its data.", show_default="broker in JOBLOG_DATA_DIR"),
]
Port = Annotated[
    int | None,
    typer.Option(
        help="Where clients connect; 0 chooses a free port.",
        show_default="that of JOBLOG_BOOTSTRAP_SERVERS",
    ),
]


def broker(data_dir: DataDir = None, port: Port = None, *, json: Json = False) -> None:
    """Run a Kafka on this machine, for development.

    It needs the extra joblog[broker], but neither Java nor Docker.
    """
    settings = Settings()
    kafka = EmbeddedBroker(
        broker_directory(settings, data_dir), port=port_of(settings) if port is None else port
    )
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    with kafka:
        note(f"Kafka listens at {kafka.bootstrap_servers}; its data is in {kafka.data_dir}")
        if json:
            print_json({"bootstrap_servers": kafka.bootstrap_servers, "data_dir": kafka.data_dir})
            sys.stdout.flush()
        code = kafka.wait()
    note(f"joblog: Kafka ended with exit code {code}: see {kafka.log_path}")
    sys.exit(ExitCode.FAILURE)


def broker_directory(settings: Settings, chosen: Path | None) -> Path:
    """Return where an embedded broker keeps its data."""
    return chosen or settings.data_dir / "broker"


def port_of(settings: Settings) -> int:
    """Return the port of the first bootstrap server."""
    return int(settings.servers[0].rpartition(":")[2])


def _stop(_: int, __: FrameType | None) -> None:
    sys.exit(ExitCode.OK)
