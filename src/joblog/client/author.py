"""Who writes: the name of this process in what it submits or asks for."""

import os
import socket


def author() -> str:
    """Return `<host>/<process id>`."""
    return f"{socket.gethostname()}/{os.getpid()}"
