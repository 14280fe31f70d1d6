"""What keeps a command from its work. Each message holds the value, the rule and the fix."""

from pathlib import Path

from joblog.schemas.errors import JoblogError


class BrokerNotReadyError(JoblogError):
    """The embedded broker did not come up.

    Attributes:
        bootstrap_servers: where it was to listen.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        super().__init__(
            f"no Kafka came up at {bootstrap_servers}: mend what the broker's lines above say, or set "
            "JOBLOG_BOOTSTRAP_SERVERS to a broker of your own"
        )


class BrokerPortTakenError(JoblogError):
    """Something listens already where the embedded broker was to listen.

    Attributes:
        port: the port on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"port {port} on 127.0.0.1 is taken: if a Kafka listens there that joblog may use, set "
            f"JOBLOG_BOOTSTRAP_SERVERS=127.0.0.1:{port}; else stop what listens, or give --broker-port"
        )


class NoCoordinatorError(JoblogError):
    """No broker looks after a consumer group, so Kafka does not say what it has committed.

    Attributes:
        group: the group.
        reason: what Kafka says.
    """

    def __init__(self, group: str, reason: str) -> None:
        self.group = group
        self.reason = reason
        super().__init__(
            f"no broker coordinates the group {group} ({reason}): see whether all brokers answer, and whether "
            "the topic __consumer_offsets can be made and has leaders"
        )


class FilesExistError(JoblogError):
    """Files are there already that would be written.

    Attributes:
        directory: where.
        names: their names.
    """

    def __init__(self, directory: Path, names: tuple[str, ...]) -> None:
        self.directory = directory
        self.names = names
        super().__init__(
            f"{', '.join(names)} in {directory.absolute()} would be overwritten: choose another directory"
        )


class HandlersUnloadableError(JoblogError):
    """A worker's modules cannot be loaded, or have no handlers.

    Attributes:
        modules: their names.
        reason: what is wrong.
    """

    def __init__(self, modules: tuple[str, ...], reason: str) -> None:
        self.modules = modules
        self.reason = reason
        super().__init__(f"{', '.join(modules)} cannot be loaded: {reason}")


class ModuleMissingError(HandlersUnloadableError):
    """There is no module of that name.

    Attributes:
        directory: the current directory.
    """

    def __init__(self, module: str, directory: Path) -> None:
        self.directory = directory
        super().__init__(
            (module,),
            f"there is no module {module!r}: name modules that can be imported from the current directory, "
            f"{directory}, or are installed",
        )


class UnknownTypeError(JoblogError):
    """No worker has declared a job type, so its payload schema is unknown.

    Attributes:
        type: the job type.
        known: the types that are declared.
    """

    def __init__(self, type_: str, known: tuple[str, ...]) -> None:
        self.type = type_
        self.known = known
        super().__init__(
            f"no worker has declared the type {type_!r}, so nobody knows what its payload is; declared are "
            f"{', '.join(known) or 'none'}: start its worker (joblog worker MODULE), then submit"
        )


class OutboxExtraMissingError(JoblogError):
    """A package of the `outbox` extra is not installed.

    Attributes:
        package: name of the missing package.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        super().__init__(
            f"{package} is not installed, and relay and commands of the outbox cannot reach PostgreSQL without "
            "it: pip install 'joblog[outbox]'"
        )
