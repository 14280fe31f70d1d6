"""What a log needs, as commands of Kafka's tools: a shell reads them as they are meant."""

import shlex

from joblog.cli.kafka_commands import acl_commands, topic_commands
from joblog.streams.acls import grants_of
from joblog.streams.roles import Role
from joblog.streams.topics import TopicMap

TOPICS = TopicMap("shop", partitions=6, replication_factor=3)
SERVERS = "a:9092,b:9092"


def options(command: str) -> list[tuple[str, str]]:
    """Return the options of a command, with their values."""
    words = shlex.split(command)[1:]
    found: list[tuple[str, str]] = []
    for word in words:
        if word.startswith("--"):
            found.append((word, ""))
        else:
            found[-1] = (found[-1][0], word)
    return found


def test_a_command_for_each_topic() -> None:
    commands = list(topic_commands(SERVERS, TOPICS.all))
    assert len(commands) == len(TOPICS.all)
    for command, topic in zip(commands, TOPICS.all, strict=True):
        assert command.startswith("kafka-topics.sh ")
        found = options(command)
        assert (
            dict(found).items()
            >= {
                "--bootstrap-server": SERVERS,
                "--create": "",
                "--if-not-exists": "",
                "--topic": topic.name,
                "--partitions": str(topic.partitions),
                "--replication-factor": "3",
            }.items()
        )
        configs = [value.partition("=")[::2] for name, value in found if name == "--config"]
        assert dict(configs) == topic.config


def test_a_command_for_each_principal_and_resource() -> None:
    grants = list(grants_of({Role.WORKER: ["User:CN=worker, O=shop"]}, TOPICS))
    found = []
    for command in acl_commands(SERVERS, grants):
        assert command.startswith("kafka-acls.sh ")
        given = options(command)
        named = dict(given)
        assert named["--allow-principal"] == "User:CN=worker, O=shop"
        pattern = named.get("--resource-pattern-type", "literal")
        resource = next(
            (name.removeprefix("--"), value)
            for name, value in given
            if name in {"--topic", "--group", "--transactional-id"}
        )
        found += [(*resource, pattern, value) for name, value in given if name == "--operation"]
    assert found == [
        (grant.resource.type, grant.resource.name, grant.resource.pattern, grant.operation)
        for grant in grants
    ]
