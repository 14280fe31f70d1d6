"""What a benchmark runs on: figures of two machines are not comparable."""

import os
import platform
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from joblog.lifecycle import states

CPU_INFO: Final = Path("/proc/cpuinfo")
SERVERS: Final = {"Redis": "redis-server", "PostgreSQL": "postgres"}


@cache
def machine() -> str:
    """Return its cores, Python, the stores of the peers, and whether joblog is compiled."""
    cores = f"{len(os.sched_getaffinity(0))} cores ({_processor()})"
    python = f"Python {platform.python_version()}"
    compiled = Path(states.__file__).suffix != ".py"
    build = "joblog compiled" if compiled else "joblog in plain Python"
    return ", ".join([cores, python, *_servers(), build])


def _processor() -> str:
    text = CPU_INFO.read_text() if CPU_INFO.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _servers() -> list[str]:
    """Return name and version of each store that is installed."""
    return [
        f"{name} {_version(program)}" for name, program in SERVERS.items() if shutil.which(program)
    ]


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else "of an unknown version"
