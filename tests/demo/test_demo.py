"""The demo with a few hundred jobs, on a real Kafka."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from examples.saas.demo.run import Demo
from examples.saas.demo.workload import SMALL

ROOT = Path(__file__).parents[2]


async def test_everything_is_as_it_has_to_be(tmp_path: Path) -> None:
    shown = io.StringIO()
    differences = await Demo(SMALL, tmp_path, Console(file=shown, width=200)).run()
    assert differences == []
    assert "RetryScheduled" in shown.getvalue()
    assert "DIFFERENT" not in shown.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_demo(tmp_path: Path, number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DEMO_UNDER_TEST": str(tmp_path)}
    command = [sys.executable, "-m", "examples.saas.demo", "--small"]
    demo = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        workers = tmp_path / ".demo" / "logs" / "worker-2.log"
        wait_until(lambda: workers.exists() or demo.poll() is not None, 60)
        assert demo.poll() is None
        assert len(processes_of(tmp_path)) > 5
        demo.send_signal(number)
        assert demo.wait(30) != 0
        wait_until(lambda: not processes_of(tmp_path), 15)
    finally:
        demo.kill()
        demo.wait()


def processes_of(marker: Path) -> list[int]:
    """Return the processes that were started, by whom ever, with the marker in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
        if f"DEMO_UNDER_TEST={marker}".encode() in environment.split(b"\0"):
            found.append(int(process.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
