"""A plan for a cluster, and what is to be changed there, for people and for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from joblog.cli.output import note, print_table
from joblog.streams.acls import Grant, by_resource, grants_of
from joblog.streams.kafka.cluster_changes import ClusterChanges
from joblog.streams.roles import Role
from joblog.streams.topics import Topic, TopicMap


def show_topics(title: str, topics: Sequence[Topic]) -> None:
    """Print topics as they have to be."""
    print_table(
        ("topic", "partitions", "copies", "configs", "holds"),
        (
            (
                topic.name,
                topic.partitions,
                topic.replication_factor,
                "\n".join(f"{name}={value}" for name, value in topic.config.items()),
                topic.holds,
            )
            for topic in topics
        ),
        title=title,
    )


def show_grants(title: str, grants: Sequence[Grant]) -> None:
    """Print rights, a line for each principal and resource."""
    print_table(
        ("principal", "resource", "pattern", "name", "operations"),
        (
            (principal, resource.type, resource.pattern, resource.name, ", ".join(operations))
            for principal, resource, operations in by_resource(grants)
        ),
        title=title,
    )


def show_changes(changes: ClusterChanges) -> None:
    """Print what is to be done, or that nothing is."""
    if changes.topics:
        show_topics("topics to be created", changes.topics)
    if changes.configs:
        print_table(
            ("topic", "config", "now", "then"), changes.configs, title="configs to be changed"
        )
    if changes.grants:
        show_grants("ACLs to be added", changes.grants)
    if not any(changes):
        note("nothing is to be changed")


def changes_as_json(changes: ClusterChanges) -> dict[str, Any]:
    """Return what is to be done."""
    return {
        "created": [_topic_as_json(topic) for topic in changes.topics],
        "changed": [change._asdict() for change in changes.configs],
        "granted": _grants_as_json(changes.grants),
    }


def plan_as_json(topics: TopicMap, principals: Mapping[Role, Sequence[str]]) -> dict[str, Any]:
    """Return the topics, and the rights of each role."""
    return {
        "topics": [_topic_as_json(topic) for topic in topics.all],
        "roles": {
            role: {
                "principals": names,
                "acls": _grants_as_json(list(grants_of({role: names}, topics))),
            }
            for role, names in principals.items()
        },
    }


def _topic_as_json(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "partitions": topic.partitions,
        "replication_factor": topic.replication_factor,
        "config": dict(topic.config),
        "holds": topic.holds,
    }


def _grants_as_json(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    return [
        {"principal": principal, **resource._asdict(), "operations": operations}
        for principal, resource, operations in by_resource(grants)
    ]
