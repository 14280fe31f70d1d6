"""`joblog topics`, `joblog broker` and what goes wrong before anything starts."""

import signal
import socket
from pathlib import Path

from aiokafka.admin import NewTopic

from joblog.streams.broker.ports import free_port
from joblog.streams.kafka import connected_admin
from joblog.streams.kafka.topic_configs import read_configs
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


async def test_a_plan_needs_no_broker() -> None:
    settings = Settings(bootstrap_servers="127.0.0.1:1", namespace="shop")
    env = environment(settings)
    planned = (await joblog("topics", "plan", "--worker", "User:w", "--json", env=env)).json
    assert [topic["name"] for topic in planned["topics"]] == list(TopicMap.of(settings).by_name)
    assert planned["roles"]["worker"]["principals"] == ["User:w"]
    assert planned["roles"]["scheduler"]["principals"] == ["User:shop-scheduler"]
    assert "bridge" not in planned["roles"]
    groups = [acl for acl in planned["roles"]["worker"]["acls"] if acl["type"] == "group"]
    assert [(acl["pattern"], acl["name"]) for acl in groups] == [("prefixed", "shop.workers.")]

    table = await joblog("topics", "plan", env=env)
    assert (table.code, "shop.work.default" in table.out, "shop-state-" in table.out) == (
        0,
        True,
        True,
    )

    commands = (await joblog("topics", "plan", "--as-commands", env=env)).out.splitlines()
    assert {line.split()[0] for line in commands} == {"kafka-topics.sh", "kafka-acls.sh", "joblog"}
    assert commands[-1] == "joblog topics create"


async def test_where_there_is_a_registry_a_plan_has_bridges_and_else_they_are_refused() -> None:
    env = environment(Settings(bootstrap_servers="127.0.0.1:1", namespace="shop"))
    bridge = ("--bridge", "User:b")
    for command in (("topics", "plan"), ("topics", "apply", "--yes")):
        refused = await joblog(*command, *bridge, env=env)
        assert (refused.code, "JOBLOG_REGISTRY__URL" in refused.err) == (2, True), refused.err

    env["JOBLOG_REGISTRY__URL"] = "http://127.0.0.1:2"
    planned = (await joblog("topics", "plan", *bridge, "--json", env=env)).json["roles"]["bridge"]
    assert planned["principals"] == ["User:b"]
    assert {acl["name"]: acl["operations"] for acl in planned["acls"]}.items() >= {
        "shop.submissions": ["Read"],
        "shop.bridge": ["Read"],
    }.items()


async def test_a_principal_without_its_kind_is_refused() -> None:
    result = await joblog("topics", "plan", "--worker", "alice", env=environment(Settings()))
    assert (result.code, "User:shop" in result.err) == (2, True)


async def test_to_apply_makes_topics_as_planned_and_asks_first(
    bootstrap_servers: str, namespace: str
) -> None:
    settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace)
    env = environment(settings)
    asked = await joblog("topics", "apply", env=env, stdin=b"n\n")
    assert (asked.code, "topics to be created" in asked.out) == (1, True)
    assert (await joblog("topics", "check", env=env)).code == 1

    for command in (("apply", "--json"), ("check",)):  # nothing asks, and nothing was made
        refused = await joblog("topics", *command, env=env, stdin=b"y\n")
        assert (refused.code != 0, refused.out) == (True, "")
        assert ("--yes" in refused.err) == ("--json" in command)

    applied = await joblog("topics", "apply", env=env, stdin=b"y\n")
    assert applied.code == 0, applied.err
    assert (await joblog("topics", "check", "--json", env=env)).json["log_id"] in applied.err
    again = await joblog("topics", "apply", env=env)
    assert (again.code, "nothing is to be changed" in again.err) == (0, True)
    in_json = await joblog("topics", "apply", "--json", env=env)  # there is nothing to ask
    assert (in_json.code, in_json.json["created"]) == (0, [])


async def test_to_apply_changes_what_is_wrong_and_keeps_what_was_chosen(
    bootstrap_servers: str, namespace: str
) -> None:
    settings = Settings(bootstrap_servers=bootstrap_servers, namespace=namespace)
    env = environment(settings)
    topics = TopicMap.of(settings)
    chosen = {"retention.ms": "1000", "max.message.bytes": "9000000", "segment.ms": "3600000"}
    async with connected_admin(settings) as admin:
        new = NewTopic(topics.events.name, 4, 1, topic_configs=chosen)
        later = NewTopic(topics.table_jobs.name, 4, 1, topic_configs={"segment.bytes": "1048576"})
        await admin.create_topics([new, later])
    applied = await joblog("topics", "apply", "--yes", "--json", env=env)
    assert applied.code == 0, applied.err
    changed = {(one["topic"], one["config"]): one["wanted"] for one in applied.json["changed"]}
    assert changed[topics.events.name, "retention.ms"] == "-1"
    assert changed[topics.table_jobs.name, "cleanup.policy"] == "compact"
    assert (topics.events.name, "max.message.bytes") not in changed
    async with connected_admin(settings) as admin:
        names = [topics.events.name, topics.table_jobs.name]
        found = {name: configs async for name, configs in read_configs(admin, names)}
    events, table = (found[name] for name in names)
    assert events["retention.ms"].value == "-1"
    assert events["max.message.bytes"].value == "9000000"
    assert events["segment.ms"].value == "3600000"  # joblog has no opinion
    assert (
        table["segment.bytes"].value == "1048576"
    )  # somebody chose it, and joblog can live with it
    assert table["min.cleanable.dirty.ratio"].value == "0.3"  # nobody had


async def test_acls_need_an_authorizer(bootstrap_servers: str, namespace: str) -> None:
    env = environment(Settings(bootstrap_servers=bootstrap_servers, namespace=namespace))
    result = await joblog("topics", "apply", "--yes", "--worker", "User:w", env=env)
    assert (result.code, "has no authorizer" in result.err) == (1, True)


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
