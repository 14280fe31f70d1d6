"""How much memory processes hold."""

from pathlib import Path
from typing import Final

KIB_A_MB: Final = 1_000_000 / 1_024
RESIDENT: Final = "VmRSS"
HIGHEST: Final = "VmHWM"
"""Fields of /proc/<pid>/status: resident memory now, and the most that it was."""


def resident_mb(pid: int, field: str = RESIDENT) -> float:
    """Return the resident memory of a process and all its children, in MB.

    What they share counts for each of them.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    [own] = [line.split()[1] for line in status.splitlines() if line.startswith(f"{field}:")]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(own) / KIB_A_MB + sum(resident_mb(int(child), field) for child in children)
