"""The demo notices how the product's commands end."""

import asyncio
from pathlib import Path

import pytest

from examples.saas.demo.services import CommandFailedError, ServiceEndedError, Services


async def test_a_command_that_ends_gives_its_code_and_documents(tmp_path: Path) -> None:
    async with Services(tmp_path) as services:
        services.environment["JOBLOG_NAMESPACE"] = "given"
        ended = await services.run("topics", "topics", "plan", "--json", JOBLOG_PARTITIONS="3")
    assert ended.code == 0
    [plan] = ended.documents
    assert {"given.events", "given.dlq"} <= {topic["name"] for topic in plan["topics"]}
    assert plan["topics"][0]["partitions"] == 3
    assert (tmp_path / "topics.log").read_text().splitlines() == ended.lines


async def test_a_command_that_fails_is_told_with_its_log(tmp_path: Path) -> None:
    async with Services(tmp_path) as services:
        with pytest.raises(
            CommandFailedError, match=r"joblog no-such-command failed: see .*bad\.log"
        ):
            await services.succeed("bad", "no-such-command")
    assert "no-such-command" in (tmp_path / "bad.log").read_text()


async def test_a_service_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    async with Services(tmp_path) as services:
        await services.start("short", "topics", "plan")
        async with asyncio.timeout(30):
            with pytest.raises(ServiceEndedError, match="short has ended with exit code 0"):
                await services.line("short", "a line that it never prints")
