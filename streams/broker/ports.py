"""Ports on loopback."""

import errno
import secrets
import socket

from joblog.streams.broker.errors import PortTakenError
from joblog.streams.broker.properties import HOST

# Below the ports that Linux gives to outgoing connections (32768 on): while a broker is down, a
# client that tries to reconnect could otherwise be given the broker's own port, and keep it.
CHOICE = range(20_000, 32_768)


def free_port(*, other_than: int = 0) -> int:
    """A port that nobody listens on now and no outgoing connection is given."""
    while (port := secrets.choice(CHOICE)) == other_than or _is_taken(port):
        pass
    return port


def refuse_taken(port: int) -> None:
    """Raise PortTakenError if somebody listens on the port."""
    if _is_taken(port):
        raise PortTakenError(port)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Kafka binds it
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return True
    return False
