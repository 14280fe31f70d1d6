"""Which cores processes run on."""

import os
from collections.abc import Set as AbstractSet
from pathlib import Path


def first_and_others() -> tuple[set[int], set[int]]:
    """Return one core and all others; the same one twice where there is but one."""
    first, *others = sorted(os.sched_getaffinity(0))
    return {first}, set(others) or {first}


def keep_on(pid: int, cores: AbstractSet[int]) -> None:
    """Let all threads of a process run on these cores alone, and those that they start."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)
