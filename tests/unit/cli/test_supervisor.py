"""Supervision of real processes; each is a few lines of Python."""

import asyncio
import errno
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from asyncio.subprocess import Process
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from joblog.streams.broker.ports import free_port
from joblog.supervisor import ChildSpec, Supervisor, Timing

TIMEOUT = 20.0
QUICK = Timing(
    poll=0.05, answer=0.3, start=10, silence=0.6, grace=5, first_pause=0.01, longest_pause=0.02
)
SLEEPS = "import time; print('up', flush=True); time.sleep(60)"


class Output:
    """Takes lines, and wakes those who wait for one."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._news = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._news.set()

    def count(self, text: str) -> int:
        return sum(line == text for _, line in self.lines)

    async def has(self, text: str, times: int = 1) -> None:
        async with asyncio.timeout(TIMEOUT):
            while self.count(text) < times:
                self._news.clear()
                await self._news.wait()


def python(name: str, code: str, live_url: str | None = None) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-c", textwrap.dedent(code)], live_url=live_url)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def ends_within(pid_fd: int, seconds: float) -> bool:
    return bool(select.select([pid_fd], [], [], seconds)[0])


async def test_what_exits_is_started_again_and_counted() -> None:
    output = Output()
    async with Supervisor([python("short", "print('ran')")], output, QUICK) as supervisor:
        await output.has("ran", times=3)
        assert supervisor.restarts["short"] >= 2
    assert {name for name, _ in output.lines} == {"short"}


async def test_what_is_killed_is_started_again_and_others_run_on() -> None:
    output = Output()
    specs = [python("one", SLEEPS), python("two", SLEEPS)]
    async with Supervisor(specs, output, QUICK) as supervisor:
        await output.has("up", times=2)
        before = dict(supervisor.pids)
        os.kill(before["one"], signal.SIGKILL)
        await output.has("up", times=3)
        assert supervisor.restarts == {"one": 1}
        assert supervisor.pids["one"] != before["one"]
        assert supervisor.pids["two"] == before["two"]


async def test_what_no_longer_answers_is_killed_and_started_again() -> None:
    port = free_port()
    code = f"""
        from http.server import BaseHTTPRequestHandler, HTTPServer
        class Live(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                print("asked", flush=True)
            def log_message(self, *_): pass
        print("up", flush=True)
        HTTPServer(("127.0.0.1", {port}), Live).serve_forever()
    """
    output = Output()
    spec = python("server", code, live_url=f"http://127.0.0.1:{port}/live")
    async with Supervisor([spec], output, QUICK) as supervisor:
        await output.has("asked", times=30)
        assert supervisor.restarts["server"] == 0
        os.kill(supervisor.pids["server"], signal.SIGSTOP)
        await output.has("up", times=2)
        asked = output.count("asked")
        await output.has("asked", times=asked + 1)
    assert supervisor.restarts["server"] == 1


async def test_what_answers_with_an_error_is_killed() -> None:
    port = free_port()
    code = f"""
        from http.server import BaseHTTPRequestHandler, HTTPServer
        class Ending(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(503)
                self.end_headers()
            def log_message(self, *_): pass
        print("up", flush=True)
        HTTPServer(("127.0.0.1", {port}), Ending).serve_forever()
    """
    timing = Timing(poll=0.05, answer=0.3, start=0.5, silence=0.5, first_pause=0.01)
    output = Output()
    spec = python("server", code, live_url=f"http://127.0.0.1:{port}/live")
    async with Supervisor([spec], output, timing):
        await output.has("up", times=2)


async def test_leaving_asks_to_end_and_waits_for_it() -> None:
    code = """
        import os, signal, sys, time
        def end(*_):
            os.write(1, b"ending\\n")  # print() may be what the signal has interrupted
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print("up", flush=True)
        time.sleep(60)
    """
    output = Output()
    async with Supervisor([python("polite", code)], output, QUICK) as supervisor:
        await output.has("up")
    assert output.count("ending") == 1
    assert supervisor.pids == {}
    assert supervisor.restarts["polite"] == 0


async def test_what_is_renewed_ends_in_good_order_and_starts_at_once_and_others_run_on() -> None:
    code = """
        import os, signal, sys, time
        def end(*_):
            os.write(1, b"ending\\n")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print("up", flush=True)
        time.sleep(60)
    """
    output = Output()
    patient = Timing(first_pause=60, longest_pause=60, grace=TIMEOUT)
    specs = [python("one", code), python("two", SLEEPS)]
    async with Supervisor(specs, output, patient) as supervisor:
        await output.has("up", times=2)
        before = dict(supervisor.pids)
        supervisor.renew(["one"])
        await output.has("up", times=3)
        assert output.lines[-2:] == [("one", "ending"), ("one", "up")]
        assert supervisor.restarts == {}
        assert supervisor.pids["one"] != before["one"]
        assert supervisor.pids["two"] == before["two"]


async def test_what_has_little_hope_waits_longest_unless_it_is_renewed() -> None:
    output = Output()
    hopeless = replace(python("one", "print('ran'); exit(6)"), hopeless_codes=frozenset({6}))
    specs = [hopeless, python("two", "print('other'); exit(6)")]
    timing = replace(QUICK, longest_pause=TIMEOUT)
    async with Supervisor(specs, output, timing) as supervisor:
        await output.has("other", times=3)
        assert output.count("ran") == 1
        supervisor.renew(["one"])
        await output.has("ran", times=2)
        assert supervisor.restarts["one"] == 0


async def test_a_pause_ends_when_a_process_is_renewed() -> None:
    output = Output()
    patient = Timing(first_pause=60, longest_pause=60)
    specs = [python("one", "print('ran'); exit(1)")]
    async with Supervisor(specs, output, patient) as supervisor:
        await output.has("ran")
        async with asyncio.timeout(TIMEOUT):
            while supervisor.pids:  # noqa: ASYNC110 - nothing tells that a process has ended
                await asyncio.sleep(0)
        supervisor.renew(["one"])
        await output.has("ran", times=2)


async def test_what_does_not_end_in_time_is_ended_by_force() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPS
    timing = Timing(grace=0.3)
    output = Output()
    async with Supervisor([python("stubborn", code)], output, timing) as supervisor:
        await output.has("up")
        pid_fd = os.pidfd_open(supervisor.pids["stubborn"])
        begun = time.monotonic()
    assert ends_within(pid_fd, 0)
    assert timing.grace <= time.monotonic() - begun < Timing().grace
    os.close(pid_fd)


async def test_what_a_process_has_started_ends_with_it() -> None:
    code = f"""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", {SLEEPS!r}])
        print(child.pid, flush=True)
        time.sleep(60)
    """
    output = Output()
    async with Supervisor([python("parent", code)], output, QUICK) as supervisor:
        await output.has("up")
        grandchild = os.pidfd_open(next(int(line) for _, line in output.lines if line.isdigit()))
        os.kill(supervisor.pids["parent"], signal.SIGKILL)
        await output.has("up", times=2)
        assert ends_within(grandchild, TIMEOUT)
    os.close(grandchild)


async def test_a_terminal_s_ctrl_c_reaches_the_supervisor_alone() -> None:
    output = Output()
    code = "import os; print(os.getsid(0) == os.getpid(), flush=True)\n" + SLEEPS
    async with Supervisor([python("child", code)], output, QUICK):
        await output.has("up")
    assert output.count("True") == 1


def test_processes_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "supervise.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import asyncio, sys
            from joblog.supervisor import ChildSpec, Supervisor
            async def main():
                spec = ChildSpec("child", [sys.executable, "-c", {SLEEPS!r}])
                def show(*_): print(supervisor.pids["child"], flush=True)
                supervisor = Supervisor([spec], show)
                async with supervisor:
                    await asyncio.sleep(60)
            asyncio.run(main())
            """
        )
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        child = os.pidfd_open(int(process.stdout.readline()))
        process.kill()
        assert ends_within(child, TIMEOUT)
    os.close(child)


async def test_output_without_an_end_of_line_and_in_no_encoding_is_shown() -> None:
    output = Output()
    code = "import sys; sys.stdout.buffer.write(b'caf\\xe9')"
    async with Supervisor([python("odd", code)], output, QUICK):
        await output.has("caf\N{REPLACEMENT CHARACTER}")


async def test_what_the_machine_has_no_room_for_is_started_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, refusals = asyncio.create_subprocess_exec, [errno.EAGAIN, errno.ENOMEM]
    descriptors = []

    async def refuses_first(*command: str, **options: Any) -> Process:  # noqa: ANN401 - as asyncio's
        descriptors.append(open_files())
        if refusals:
            raise OSError(refusals[0], os.strerror(refusals.pop(0)))
        return await real(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuses_first)
    output = Output()
    async with Supervisor([python("child", SLEEPS)], output, QUICK) as supervisor:
        await output.has("up")
        assert supervisor.restarts["child"] == 2
    assert "child cannot be started ([Errno 12] Cannot allocate memory)" in caplog.text
    assert len(set(descriptors)) == 1
