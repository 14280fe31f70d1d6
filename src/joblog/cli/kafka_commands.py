"""What a log needs of a cluster, as commands of Kafka's own tools."""

from collections.abc import Iterable, Iterator
from shlex import join

from joblog.streams.acls import Grant, Pattern, by_resource
from joblog.streams.topics import Topic


def topic_commands(servers: str, topics: Iterable[Topic]) -> Iterator[str]:
    """Yield a command for each topic, which creates it where it is missing."""
    for topic in topics:
        configs = (f"{name}={value}" for name, value in topic.config.items())
        yield join(
            (
                *("kafka-topics.sh", "--bootstrap-server", servers),
                *("--create", "--if-not-exists", "--topic", topic.name),
                *("--partitions", str(topic.partitions)),
                *("--replication-factor", str(topic.replication_factor)),
                *(word for config in configs for word in ("--config", config)),
            )
        )


def acl_commands(servers: str, grants: Iterable[Grant]) -> Iterator[str]:
    """Yield a command for each principal and resource, which gives the rights that are missing."""
    for principal, resource, operations in by_resource(grants):
        is_prefix = resource.pattern is Pattern.PREFIXED
        yield join(
            (
                *("kafka-acls.sh", "--bootstrap-server", servers),
                *("--add", "--allow-principal", principal),
                *(word for operation in operations for word in ("--operation", operation)),
                *(f"--{resource.type}", resource.name),
                *(("--resource-pattern-type", "prefixed") if is_prefix else ()),
            )
        )
