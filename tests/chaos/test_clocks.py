"""A process whose clock is moved sees another time of day, and waits as long as any other."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos.ground.clocks import Clock, made_library

HOURS = 5 * 3_600
LOOK = """
import sys, threading, time
print(time.time(), time.monotonic(), flush=True)
time.sleep(0.05)
threading.Event().wait(0.05)
sys.stdin.readline()
print(time.time(), time.monotonic(), flush=True)
"""


def test_the_clock_of_a_process_jumps_while_it_looks(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock", made_library(tmp_path))
    environment = {**os.environ, **clock.environment}
    with subprocess.Popen(
        [sys.executable, "-c", LOOK],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        wall, monotonic = map(float, process.stdout.readline().split())
        assert abs(wall - time.time()) < 60
        clock.move(-HOURS)
        output, _ = process.communicate("\n")
    later_wall, later_monotonic = map(float, output.split())
    elapsed = later_monotonic - monotonic
    assert 0.1 <= elapsed < 60
    assert abs(later_wall - wall + HOURS - elapsed) < 1
