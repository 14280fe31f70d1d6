"""From a data directory to a running server: prepare the one, start the other."""

from collections.abc import Mapping, Sequence

from joblog.streams.broker.formatting import PROPERTIES_NAME
from joblog.streams.broker.jvm import SERVER, KafkaRuntime
from joblog.streams.broker.process import BrokerProcess
from joblog.streams.broker.storage import DataDirectory


def launch_server(
    directory: DataDirectory,
    lock_fd: int,
    runtime: KafkaRuntime,
    properties: Mapping[str, str],
    *,
    server_flags: Sequence[str] = (),
) -> BrokerProcess:
    """Start Kafka on a directory, formatted if it is new. The caller waits until it is ready.

    Args:
        directory: where; the caller owns it.
        lock_fd: the descriptor that owns it, which the server takes over.
        runtime: the Kafka to run.
        properties: Kafka's broker configs.
        server_flags: flags for Java that are not meant for formatting.

    Raises:
        BrokerStartError: the storage could not be formatted.
    """
    runtime = runtime.with_flags(f"-Djava.io.tmpdir={directory.scratch_path}")
    directory.prepare(properties, runtime)
    command = runtime.with_flags(*server_flags).command(SERVER, PROPERTIES_NAME)
    process = BrokerProcess(command, directory.path, directory.log_path, lock_fd)
    directory.name_owner(lock_fd, process.pid)
    return process
