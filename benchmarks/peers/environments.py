"""A virtual environment for each peer: some of them cannot live together."""

import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ENVIRONMENTS: Final = Path(".venv-peers")
LOCK: Final = "requirements.txt"
READY: Final = ".ready"
"""A copy of the lock that an environment was made of."""


def python_of(peer: str) -> Path:
    """Return the Python of a peer's environment, which is made where it is missing or of another lock."""
    environment, lock = ENVIRONMENTS / peer, HERE / peer / LOCK
    python, ready = (environment / "bin" / "python").absolute(), environment / READY
    if not ready.exists() or ready.read_bytes() != lock.read_bytes():
        _run(sys.executable, "-m", "venv", "--clear", str(environment))
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(str(python), *install, "--require-hashes", "--only-binary", ":all:", "-r", str(lock))
        ready.write_bytes(lock.read_bytes())
    return python


def version_of(peer: str) -> str:
    """Return the version of a peer that its lock names."""
    lines = (HERE / peer / LOCK).read_text().splitlines()
    [pinned] = [line for line in lines if line.startswith(f"{peer}==")]
    return pinned.removeprefix(f"{peer}==").split()[0]


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
