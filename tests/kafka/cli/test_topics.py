"""`joblog topics`, `joblog broker` and what goes wrong before anything starts."""

import signal
import socket
from pathlib import Path

from joblog.streams.broker.ports import free_port
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap
from tests.kafka.cli.running import Command, environment, joblog, process


async def test_topics_are_created_once_and_checked(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace, data_dir=tmp_path)
    env = environment(settings)
    missing = await joblog("topics", "check", env=env)
    assert missing.code == 1
    assert "create all of them with joblog topics create" in missing.err
    assert "Traceback" not in missing.err

    created = await joblog("topics", "create", env=env)
    again = await joblog("topics", "create", env=env)
    checked = await joblog("topics", "check", env=env)
    assert [created.code, again.code, checked.code] == [0, 0, 0]
    assert created.err == again.err

    other = await joblog("topics", "check", env=env | {"JOBLOG_PARTITIONS": "7"})
    assert (other.code, "partitions=4" in other.err) == (1, True)


async def test_a_list_of_topics_needs_no_broker() -> None:
    settings = Settings(bootstrap_servers="127.0.0.1:1", namespace="shop")
    listed = await joblog("topics", "list", "--json", env=environment(settings))
    assert [topic["name"] for topic in listed.json_lines] == list(TopicMap.of(settings).by_name)


async def test_a_process_says_that_topics_are_missing_and_ends(
    bootstrap_servers: str, namespace: str
) -> None:
    settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace)
    result = await process("scheduler", env=environment(settings))
    assert (result.code, "joblog topics create" in result.err) == (1, True)


async def test_settings_that_make_no_sense_are_named() -> None:
    env = environment(Settings()) | {"JOBLOG_PARTITIONS": "0", "JOBLOG_PARTITION": "3"}
    result = await joblog("status", env=env)
    assert result.code == 2
    assert "JOBLOG_PARTITION" in result.err
    assert "Traceback" not in result.err


async def test_without_a_broker_a_command_says_how_to_get_one() -> None:
    env = environment(Settings(bootstrap_servers="127.0.0.1:1"))
    result = await joblog("status", env=env)
    assert (result.code, "joblog broker" in result.err) == (1, True)
    assert "Traceback" not in result.err


async def test_a_broker_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(bootstrap_servers=f"127.0.0.1:{port}", data_dir=tmp_path)
    broker = await Command.start("broker", env=environment(settings))
    await broker.says(f"Kafka listens at 127.0.0.1:{port}")
    assert (tmp_path / "broker").is_dir()
    second = await process(
        "broker", "--data-dir", str(tmp_path / "other"), env=environment(settings)
    )
    assert (second.code, f"port {port} on 127.0.0.1 is taken" in second.err) == (1, True)

    result = await broker.stop(signal.SIGTERM)
    assert result.code == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
