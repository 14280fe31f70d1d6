"""`joblog dev`: everything under a supervisor, with handlers of a user's own module."""

import os
import select
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from joblog.streams.broker.ports import free_port
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.faults.deleting import delete
from tests.kafka.cli.running import Command, Result, environment, joblog, process, until

HANDLERS = """
import os
from pydantic import BaseModel
from joblog import job

class Greeting(BaseModel):
    name: str

class Nothing(BaseModel):
    pass

@job("greet")
async def greet(greeting: Greeting) -> str:
    print("greeting", greeting.name)
    return f"hello {greeting.name}"

@job("who")
async def who(nothing: Nothing) -> int:
    return os.getpid()
"""

Start = Callable[..., Awaitable[Command]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with a module of handlers."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "handlers.py").write_text(HANDLERS)
    return project


async def run(type_: str, document: str, env: dict[str, str]) -> Result:
    """Run a job to its end, once a worker has declared its type."""
    return await until(
        lambda: joblog("submit", type_, document, "--wait", "--json", env=env),
        lambda result: result.code != 3,
    )


def has_ended(pid_fd: int) -> bool:
    return bool(select.select([pid_fd], [], [], 20)[0])


async def test_it_runs_jobs_starts_again_what_is_killed_and_ends_all_on_sigterm(
    env: dict[str, str], start: Start, project: Path
) -> None:
    dev = await start("dev", "handlers", cwd=project)
    await dev.says("joblog runs on")
    greeted = await run("greet", '{"name": "ada"}', env)
    assert (greeted.json["status"], greeted.json["result"]) == ("succeeded", "hello ada")
    await dev.says("worker     │ greeting ada")

    worker = (await run("who", "{}", env)).json["result"]
    os.kill(worker, signal.SIGKILL)
    await dev.says("worker ended with exit code -9; it starts again")
    successor = (await run("who", "{}", env)).json["result"]
    assert successor != worker

    namespace = env["JOBLOG_NAMESPACE"]
    groups = (await joblog("status", "--json", env=env)).json["groups"]
    assert {group["name"]: len(group["members"]) for group in groups} == {
        f"{namespace}.scheduler": 1,
        f"{namespace}.delays": 1,
        f"{namespace}.workers.default": 1,
    }
    worker_fd = os.pidfd_open(successor)
    result = await dev.stop(signal.SIGTERM)
    assert result.code == 0, result.err
    assert has_ended(worker_fd)
    os.close(worker_fd)


async def test_workers_run_new_code_once_a_source_file_has_changed(
    env: dict[str, str], start: Start, project: Path
) -> None:
    source = project / "handlers.py"
    dev = await start("dev", "handlers", cwd=project)
    await dev.says("joblog runs on")
    assert (await run("greet", '{"name": "ada"}', env)).json["result"] == "hello ada"

    source.write_text(HANDLERS.replace("hello", "good day"))
    await dev.says("handlers.py changed: workers start again")
    await dev.says("takes jobs of the types", times=2)
    assert (await run("greet", '{"name": "ada"}', env)).json["result"] == "good day ada"

    source.write_text("def\n")
    await dev.says("workers go on with the code that they have")
    assert (await run("greet", '{"name": "ada"}', env)).json["result"] == "good day ada"

    source.write_text("import nowhere\n")
    await dev.says("No module named 'nowhere'")
    await dev.says("waits for its code to change; it starts again in 30 s")
    source.write_text(HANDLERS.replace("hello", "welcome"))
    await dev.says("takes jobs of the types", times=3)
    assert (await run("greet", '{"name": "ada"}', env)).json["result"] == "welcome ada"


async def test_it_brings_its_own_broker_unless_one_is_named(tmp_path: Path, project: Path) -> None:
    port = free_port()
    settings = Settings(
        bootstrap_servers=f"127.0.0.1:{port}", data_dir=tmp_path / "data", partitions=1
    )
    env = environment(settings)
    alone = {name: value for name, value in env.items() if name != "JOBLOG_BOOTSTRAP_SERVERS"}
    dev = await Command.start("dev", "handlers", "--broker-port", str(port), env=alone, cwd=project)
    await dev.says("joblog runs on")
    assert (await run("greet", '{"name": "ada"}', env)).json["result"] == "hello ada"

    result = await dev.stop(signal.SIGINT)
    assert result.code == 0, result.err
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


async def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path, project: Path) -> None:
    env = environment(Settings(data_dir=tmp_path))
    del env["JOBLOG_BOOTSTRAP_SERVERS"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = await process("dev", "handlers", "--broker-port", port, env=env, cwd=project)
    assert result.code == 1
    assert f"set JOBLOG_BOOTSTRAP_SERVERS=127.0.0.1:{port}" in result.err


async def test_a_worker_without_its_module_says_so(env: dict[str, str], project: Path) -> None:
    result = await process("worker", "handlesr", env=env, cwd=project)
    assert (result.code, "there is no module 'handlesr'" in result.err) == (6, True)
    assert "Traceback" not in result.err


async def test_a_worker_whose_module_is_broken_shows_where(
    env: dict[str, str], project: Path
) -> None:
    (project / "broken.py").write_text("nobody\n")
    result = await process("worker", "broken", env=env, cwd=project)
    assert result.code == 6
    assert 'broken.py", line 1' in result.err
    assert "broken cannot be loaded: NameError: name 'nobody' is not defined" in result.err


async def test_it_ends_and_does_not_start_again_when_the_log_is_gone(
    settings: Settings, env: dict[str, str], start: Start, project: Path
) -> None:
    dev = await start("dev", "handlers", cwd=project)
    await run("greet", '{"name": "ada"}', env)
    await delete(settings, TopicMap.of(settings).events)
    ended = await dev.ends()
    assert (ended.code, "is gone with it" in ended.err) == (1, True), ended.err
    again = await (await start("dev", "handlers", cwd=project)).ends()
    assert (again.code, "is gone with it" in again.err) == (1, True), again.err
