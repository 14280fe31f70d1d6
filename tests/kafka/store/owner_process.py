"""Starts owners as processes and listens to them."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.kafka.store.owner import Orders
from tests.kafka.store.place import until

ROOT: Final = Path(__file__).parents[3]


class OwnerProcess:
    """A running owner."""

    def __init__(self, process: Process) -> None:
        self._process = process
        assert process.stdout is not None
        self._said = process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    async def until(self, event: str) -> list[dict[str, Any]]:
        """What it says up to an event, or until it ends."""
        said = []
        while line := await self._said.readline():
            said.append(json.loads(line))
            if said[-1]["event"] == event:
                break
        return said

    async def exit_code(self) -> int:
        return await self._process.wait()

    async def until_stopped(self) -> None:
        """Wait until a SIGSTOP has taken effect."""
        await until(self._is_stopped)

    async def _is_stopped(self) -> bool:
        flags = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, flags) is not None  # noqa: ASYNC222 - WNOHANG


@asynccontextmanager
async def owner_process(orders: Orders, errors: Path) -> AsyncIterator[OwnerProcess]:
    """Run an owner, and end it in the end; its stderr goes to a file."""
    with errors.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.kafka.store.owner",
            json.dumps(orders._asdict()),
            cwd=ROOT,
            stdout=PIPE,
            stderr=stderr,
        )
    try:
        yield OwnerProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
