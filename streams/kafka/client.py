"""How every client connects to Kafka."""

import ssl
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Protocol

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from joblog.streams.errors import (
    AccessDeniedError,
    KafkaUnavailableError,
    SettingProblem,
    SettingsError,
)
from joblog.streams.kafka.closed_transports import tell_of_closed_transports
from joblog.streams.kafka.header_names import read_any_header_name
from joblog.streams.kafka.tls_closing import close_tls_at_once
from joblog.streams.settings import Settings
from joblog.streams.settings.fields import environment_name
from joblog.streams.topics import TopicMap

DENIALS: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

read_any_header_name()
close_tls_at_once()
tell_of_closed_transports()


def denial_in(error: BaseException | None) -> KafkaError | None:
    """Return Kafka's denial that an error comes from, None where it comes from something else."""
    while error is not None and not isinstance(error, DENIALS):
        error = error.__cause__
    return error


def unavailable(servers: str, error: BaseException | None) -> KafkaUnavailableError:
    """Return what an error of aiokafka means: that Kafka cannot be had, or does not allow something."""
    denial = denial_in(error)
    if denial is not None:
        return AccessDeniedError(servers, str(denial))
    return KafkaUnavailableError(servers, str(error))


def client_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments that every aiokafka client takes: where, how, and who.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": settings.servers,
        "request_timeout_ms": settings.request_timeout_ms,
        "security_protocol": settings.security_protocol,
    }
    if settings.uses_tls:
        options["ssl_context"] = tls_context(settings)
    if settings.uses_sasl and settings.sasl_password is not None:
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": settings.sasl_password.get_secret_value(),
        }
    return options


def group_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of an aiokafka consumer that is a member of a group.

    Nothing is committed by a timer, and offsets are not reset silently: without a committed offset
    the member has to seek. What a foreign transaction wrote counts once it is committed (KIP-98).

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    return client_options(settings) | {
        "session_timeout_ms": settings.session_timeout_ms,
        "heartbeat_interval_ms": settings.heartbeat_interval_ms,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "isolation_level": "read_committed",
    }


def producer_options(settings: Settings) -> dict[str, Any]:
    """Return the keyword arguments of an aiokafka producer: idempotent, acknowledged by all.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    topics = TopicMap.of(settings)
    chosen = settings.producer
    return client_options(settings) | {
        "acks": "all",
        "enable_idempotence": True,
        "max_batch_size": min(chosen.batch_bytes, topics.max_batch_bytes),
        "max_request_size": topics.max_request_bytes,
        "compression_type": None if chosen.compression == "none" else chosen.compression,
    }


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Return what TLS connections check and which certificate they show.

    Raises:
        SettingsError: a certificate or key cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    except ssl.SSLError as error:
        raise _unusable("ssl_ca_file", settings.ssl_ca_file, error) from error
    if settings.ssl_certificate_file is not None:
        _load_certificate(context, settings.ssl_certificate_file, settings)
    return context


def _load_certificate(context: ssl.SSLContext, certificate: Path, settings: Settings) -> None:
    secret = settings.ssl_key_password
    password = "" if secret is None else secret.get_secret_value()  # None would ask the terminal
    try:
        context.load_cert_chain(certificate, settings.ssl_key_file, password)
    except ssl.SSLError as error:
        raise _unusable("ssl_certificate_file", certificate, error) from error


def _unusable(name: str, path: Path | None, error: ssl.SSLError) -> SettingsError:
    words = (
        "a file in PEM whose certificate, private key and password go together; OpenSSL says: "
        f"{error.reason}"
    )
    return SettingsError([SettingProblem(name, environment_name((name,)), repr(str(path)), words)])


class Client(Protocol):
    """A consumer or producer of aiokafka."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Disconnect; also what never started."""
        ...


async def connect(client: Client, settings: Settings) -> None:
    """Start a client; one that does not start, or is cancelled meanwhile, is stopped.

    Raises:
        KafkaUnavailableError: no broker answers, or none lets this client in.
        AccessDeniedError: it may not do what it has to.
    """
    async with AsyncExitStack() as unstarted:
        unstarted.push_async_callback(client.stop)
        try:
            await client.start()
        except KafkaError as error:
            raise unavailable(settings.bootstrap_servers, error) from error
        unstarted.pop_all()
