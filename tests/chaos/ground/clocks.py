"""The wall clock that a process sees: it can be moved while the process looks at it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("clock.c")
BYTES: Final = 8


def made_library(directory: Path) -> Path:
    """Compile what moves the clock, and return the library."""
    library = directory / "clock.so"
    options = ("-shared", "-fPIC", "-O1", "-Wall", "-Werror")
    subprocess.run(["cc", *options, "-o", library, SOURCE, "-ldl"], check=True)  # noqa: S607 - of the path
    return library


class Clock:
    """A clock.

    Args:
        path: file that says how far it is off.
        library: what processes are to load.

    Attributes:
        environment: variables of a process that is to see it.
    """

    def __init__(self, path: Path, library: Path) -> None:
        path.write_bytes(bytes(BYTES))
        self._path = path
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "CHAOS_CLOCK": str(path),
        }

    def move(self, seconds: int) -> None:
        """Set how far the clock is off, at once."""
        with self._path.open("r+b", buffering=0) as file:
            file.write(seconds.to_bytes(BYTES, "little", signed=True))
