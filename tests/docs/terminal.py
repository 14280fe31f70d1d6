"""A terminal in which a document's commands are typed."""

import asyncio
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.docs.blocks import Block
from tests.docs.transcript import Shown, Step, steps_of
from tests.kafka.cli.running import joblog

SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.02
NAMESPACE: Final = "joblog."
ASKS: Final = re.compile(r"joblog (status|jobs (get|wait|list|history)|dlq (list|show))\b")
"""Commands that are typed again for a while: what they ask about may be on its way."""
ASK_SECONDS: Final = 20.0
EXIT_CODE: Final = ' || echo "exit code $?"'
_FOR_THE_SHELL: Final = re.compile(r"[|&;<>$`\\\n*?]")


class Terminal:
    """Types commands and compares what comes out; `joblog dev` runs on beside what follows.

    Args:
        directory: where it begins.
        environment: environment of the commands; its namespace is shown as the default one.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self._namespace = f"{environment['JOBLOG_NAMESPACE']}."
        self.commands: list[str] = []
        path = f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"
        self._environment = {**environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
        self._log = directory.with_name(f"{directory.name}-dev.log")
        self._shown = Shown()
        self._dev: subprocess.Popen[bytes] | None = None
        self._read = 0

    def show(self, block: Block) -> None:
        """Type the commands of a block, and compare."""
        for step in steps_of(block.source):
            difference = self._step(step, numbers_vary=block.numbers_vary)
            assert difference is None, f"{block.place}: $ {step.command}: {difference}"

    def close(self) -> None:
        """End `joblog dev`, as Ctrl-C does."""
        if self._dev is not None:
            self._dev.send_signal(signal.SIGINT)
            assert self._dev.wait(SECONDS) == 0, self._log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """End `joblog dev` however it is."""
        if self._dev is not None and self._dev.poll() is None:
            self._dev.kill()
            self._dev.wait()

    def _step(self, step: Step, *, numbers_vary: bool) -> str | None:
        if step.command is None:
            return self._running_says(step.lines)
        command = self._shown.meant(step.command)
        self.commands.append(command)
        words = [] if _FOR_THE_SHELL.search(command) else shlex.split(command, comments=True)
        if words[:1] == ["cd"]:
            self.directory = self.directory / words[1]
            return None
        if words[:2] == ["joblog", "dev"]:
            self._start_dev(words)
            return self._running_says(step.lines)
        ends = time.monotonic() + (ASK_SECONDS if ASKS.match(command) else 0)
        while True:
            difference = self._came_otherwise(command, words, step, numbers_vary=numbers_vary)
            if difference is None or time.monotonic() > ends:
                return difference

    def _came_otherwise(
        self, command: str, words: list[str], step: Step, *, numbers_vary: bool
    ) -> str | None:
        code, came = self._run(command, words)
        if code != 0:
            return f"exit code {code}: {came}"
        if not step.lines:
            return None
        came = came.replace(self._namespace, NAMESPACE)
        difference = self._shown.differs(step.lines, came.splitlines(), numbers_vary=numbers_vary)
        return difference and f"{difference}; all that came out:\n{came}"

    def _run(self, command: str, words: list[str]) -> tuple[int, str]:
        if words[:1] == ["joblog"]:
            return self._joblog(words[1:])
        alone = command.removesuffix(EXIT_CODE)
        if alone != command and not _FOR_THE_SHELL.search(alone) and alone.startswith("joblog "):
            code, came = self._joblog(shlex.split(alone)[1:])
            return 0, f"{came}\nexit code {code}" if code else came
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            cwd=self.directory,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def _joblog(self, arguments: list[str]) -> tuple[int, str]:
        """Run `joblog` in this process, which saves the time for its imports."""
        ran = asyncio.run(joblog(*arguments, env=self._environment, cwd=self.directory))
        return ran.code, ran.out + ran.err

    def _start_dev(self, words: list[str]) -> None:
        with self._log.open("wb") as log:
            self._dev = subprocess.Popen(
                [sys.executable, "-P", "-m", "joblog.cli", *words[1:]],
                cwd=self.directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _running_says(self, lines: tuple[str, ...]) -> str | None:
        """Wait until `joblog dev` has said lines, in their order; others may come between."""
        if self._dev is None:
            return "nothing runs that could say it: start it by `$ joblog dev` in a block above"
        ends = time.monotonic() + SECONDS
        for line in lines:
            while not self._said(line):
                if time.monotonic() > ends or self._dev.poll() is not None:
                    return f"{line!r} was not said:\n{self._log.read_text(encoding='utf-8')}"
                time.sleep(POLL_SECONDS)
        return None

    def _said(self, line: str) -> bool:
        said = self._log.read_text(encoding="utf-8").splitlines()
        for number, came in enumerate(said[self._read :], start=self._read + 1):
            if self._shown.is_line(line, came):
                self._read = number
                return True
        return False
