"""`joblog doctor` finds what is wrong, whatever else is."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from joblog.streams.kafka import KafkaPublisher
from joblog.streams.records import Outbound
from joblog.streams.settings import RegistrySettings, Settings
from joblog.streams.topics import TopicMap
from tests.kafka.cli.running import Bench, Command, Result, environment, joblog, until

Start = Callable[..., Awaitable[Command]]
HANDLERS = """
from pydantic import BaseModel
from joblog import job

class Nothing(BaseModel):
    pass

@job("nothing")
async def nothing(given: Nothing) -> None: ...
"""


def found(result: Result) -> dict[str, Any]:
    return {finding["check"]: finding for finding in result.json_lines}


def problems(result: Result) -> set[str]:
    return {finding["check"] for finding in result.json_lines if finding["verdict"] == "problem"}


async def test_where_nothing_is_reachable_it_says_what_to_start() -> None:
    env = environment(Settings(bootstrap_servers="127.0.0.1:1"))
    result = await joblog("doctor", "--json", env=env)
    assert result.code == 1
    assert problems(result) == {"server 127.0.0.1:1", "broker"}
    assert "joblog broker" in found(result)["server 127.0.0.1:1"]["remedy"]
    assert found(result)["topics"]["verdict"] == "not checked"
    assert "embedded broker" not in found(result)  # this one was named
    table = await joblog("doctor", env=env)
    assert (table.code, "what to do" in table.out) == (1, True)
    assert "Traceback" not in table.err


async def test_settings_that_make_no_sense_come_first() -> None:
    env = environment(Settings()) | {"JOBLOG_PARTITIONS": "0"}
    result = await joblog("doctor", "--json", env=env)
    assert result.code == 1
    assert problems(result) == {"partitions"}
    assert "JOBLOG_PARTITIONS" in found(result)["partitions"]["remedy"]


async def test_settings_are_shown_with_where_they_come_from_but_no_secrets(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    file = tmp_path / "joblog.toml"
    file.write_text("[worker]\nconcurrency = 50\n")
    env = environment(Settings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}")) | {
        "JOBLOG_SETTINGS_FILE": str(file),
        "JOBLOG_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "JOBLOG_SASL_USERNAME": "ada",
        "JOBLOG_SASL_PASSWORD": "s3cret",
    }
    result = await joblog("doctor", "--json", env=env)
    settings = found(result)
    assert settings["worker.concurrency"]["found"] == f"50 ({file})"
    assert settings["sasl_password"]["found"] == "********** (JOBLOG_SASL_PASSWORD)"
    assert "s3cret" not in result.out + result.err


async def test_missing_topics_and_processes_are_problems_until_they_are_there(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    settings = Settings(
        bootstrap_servers=bootstrap_servers, namespace=namespace, data_dir=tmp_path / "data"
    )
    env = environment(settings)
    before = await joblog("doctor", "--json", env=env)
    assert f"topic {namespace}.events" in problems(before)
    assert found(before)["log"]["verdict"] == "not checked"
    assert found(before)["broker"]["verdict"] == "ok"

    await joblog("topics", "create", env=env)
    alone = await joblog("doctor", "--json", "--measure-clock", env=env)
    assert problems(alone) == {
        *(f"partition {number}" for number in range(settings.partitions)),
        f"group {namespace}.scheduler",
        f"group {namespace}.delays",
        f"group {namespace}.workers.default",
    }
    assert found(alone)["log"]["verdict"] == "ok"
    assert found(alone)["types"]["verdict"] == "warning"
    assert "ms" in found(alone)["clocks"]["found"]


async def test_where_there_is_a_registry_a_bridge_is_missed_with_what_waits_for_it(
    bootstrap_servers: str, namespace: str
) -> None:
    registry = RegistrySettings(url="http://127.0.0.1:1")
    settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace, registry=registry)
    env = environment(settings, JOBLOG_REGISTRY__URL="http://127.0.0.1:1")
    await joblog("topics", "create", env=env)
    async with KafkaPublisher(settings) as publisher:
        submissions = TopicMap.of(settings).submissions.name
        await publisher.publish([Outbound(submissions, 0, b"a", b"b", [])])
    result = await joblog("doctor", "--json", env=env)
    assert f"group {namespace}.bridge" in found(result), result.out
    bridge = found(result)[f"group {namespace}.bridge"]
    assert bridge["verdict"] == "problem"
    assert bridge["found"] == "has no members, 1 records not done"
    assert "joblog bridge" in bridge["remedy"]


async def test_nothing_is_wrong_with_a_log_that_works(
    env: dict[str, str], start: Start, bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    await start("scheduler")
    await start("delays")
    await start("worker", "handlers", cwd=tmp_path)
    result = await until(
        lambda: joblog("doctor", "--json", env=env), lambda result: result.code == 0
    )
    verdicts = {finding["verdict"] for finding in result.json_lines}
    assert verdicts == {"ok"}, result.out
    assert "nothing" in found(result)["types"]["found"]
    del bench


async def test_a_topic_that_was_changed_is_named_with_the_remedy(
    env: dict[str, str], settings: Settings
) -> None:
    other = await joblog("doctor", "--json", env=env | {"JOBLOG_PARTITIONS": "7"})
    check = f"topic {settings.namespace}.events"
    assert "has 2 partitions, and by the settings 7" in found(other)[check]["found"]
    larger = env | {"JOBLOG_LIMITS__MAX_DEAD_LETTER_BYTES": "4194304"}
    sizes = await joblog("doctor", "--json", env=larger)
    dlq = found(sizes)[f"topic {settings.namespace}.dlq"]
    assert (dlq["verdict"], "max.message.bytes" in dlq["found"]) == ("problem", True)
    assert "joblog topics apply" in dlq["remedy"]
