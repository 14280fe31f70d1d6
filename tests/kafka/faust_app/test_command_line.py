"""``faust -A`` lists what runs, with no broker at hand."""

import asyncio
import os
import sys

import pytest

from tests.kafka.faust_app.running import ROOT


async def faust(command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "faust", "-A", "tests.kafka.faust_app.scheduler", command),
        cwd=ROOT,
        env=os.environ | {"JOBLOG_BOOTSTRAP_SERVERS": "127.0.0.1:1"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_the_agent_is_listed() -> None:
    output = await faust("agents", JOBLOG_NAMESPACE="ours")
    assert output.count("@") == 1
    assert "@scheduler" in output
    assert "ours.events" in output
    assert "Fold events into the state tables" in output


@pytest.mark.parametrize(("table", "help_text"), [("jobs", "row"), ("log", "position")])
async def test_the_tables_are_listed(table: str, help_text: str) -> None:
    output = await faust("tables")
    (line,) = [line for line in output.splitlines() if table in line.split()]
    assert help_text in line
