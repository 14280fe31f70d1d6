"""The least rights that each role needs of a Kafka cluster with an authorizer, from the map of topics.

A right to read or write includes the one to describe. All roles check the topics when they start, so all may
describe the namespace's topics and their configs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from joblog.streams import groups
from joblog.streams.roles import Role
from joblog.streams.topic import PURGED, Topic
from joblog.streams.topics import TopicMap


class ResourceType(StrEnum):
    """What a right is about, in the words of Kafka's commands."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"


class Pattern(StrEnum):
    """Whether a resource is named in full or by the beginning of its name (KIP-290)."""

    LITERAL = "literal"
    PREFIXED = "prefixed"


class Operation(StrEnum):
    """What may be done to a resource, in the words of Kafka's commands."""

    READ = "Read"
    WRITE = "Write"
    CREATE = "Create"
    DELETE = "Delete"
    DESCRIBE = "Describe"
    DESCRIBE_CONFIGS = "DescribeConfigs"
    ALTER_CONFIGS = "AlterConfigs"


class Resource(NamedTuple):
    """One resource, or all whose names begin alike."""

    type: ResourceType
    pattern: Pattern
    name: str


class Acl(NamedTuple):
    """What a role may do to a resource."""

    resource: Resource
    operations: tuple[Operation, ...]


class Grant(NamedTuple):
    """One right of a principal, as Kafka keeps it: to allow one operation, from every host."""

    principal: str
    resource: Resource
    operation: Operation


_READ: Final = (Operation.READ,)
_FAMILIES: Final = ("work", "delay", "table")
"""Topics that are named by their beginning, so that another lane needs no other rights."""


def acls_of(role: Role, topics: TopicMap) -> list[Acl]:
    """Return what a role may do to the topics, groups and transactional ids of a log."""
    found = [_all_topics(role, topics.namespace)]
    for name, family in groupby(topics.all, lambda topic: _named(topic, topics.namespace)):
        operations = _operations(role, next(family))
        if operations:
            found.append(Acl(name, operations))
    return found + _beside_topics(role, topics.namespace)


def roles_of(topics: TopicMap) -> list[Role]:
    """Return the roles that a log has: without a schema registry there is no bridge."""
    return [role for role in Role if role is not Role.BRIDGE or topics.has_registry]


def grants_of(principals: Mapping[Role, Sequence[str]], topics: TopicMap) -> dict[Grant, None]:
    """Return the rights of some principals in their roles, each once and in order."""
    return dict.fromkeys(
        Grant(principal, acl.resource, operation)
        for role, names in principals.items()
        for principal in names
        for acl in acls_of(role, topics)
        for operation in acl.operations
    )


def by_resource(grants: Iterable[Grant]) -> Iterator[tuple[str, Resource, list[Operation]]]:
    """Yield grants that follow each other as principal, resource and operations."""
    for (principal, resource), group in groupby(grants, lambda grant: grant[:2]):
        yield principal, resource, [grant.operation for grant in group]


def _all_topics(role: Role, namespace: str) -> Acl:
    operations = [Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS]
    if role is Role.DEPLOYER:
        operations += [Operation.CREATE, Operation.ALTER_CONFIGS]
    resource = Resource(ResourceType.TOPIC, Pattern.PREFIXED, f"{namespace}.")
    return Acl(resource, tuple(operations))


def _named(topic: Topic, namespace: str) -> Resource:
    family, separator, _ = topic.name.removeprefix(f"{namespace}.").partition(".")
    if separator and family in _FAMILIES:
        return Resource(ResourceType.TOPIC, Pattern.PREFIXED, f"{namespace}.{family}.")
    return Resource(ResourceType.TOPIC, Pattern.LITERAL, topic.name)


def _operations(role: Role, topic: Topic) -> tuple[Operation, ...]:
    reads, writes = role in topic.readers, role in topic.writers
    deletes = topic.retention is PURGED and reads and role is not Role.OPERATOR
    creates = topic.retention is PURGED and role is Role.SCHEDULER  # again, where it was deleted
    rights = {
        Operation.READ: reads,
        Operation.WRITE: writes,
        Operation.DELETE: deletes,
        Operation.CREATE: creates,
    }
    return tuple(operation for operation, has_it in rights.items() if has_it)


def _beside_topics(role: Role, namespace: str) -> list[Acl]:
    match role:
        case Role.SCHEDULER:
            return [
                _group(Pattern.LITERAL, groups.schedulers(namespace), _READ),
                Acl(
                    Resource(
                        ResourceType.TRANSACTIONAL_ID, Pattern.PREFIXED, f"{namespace}-state-"
                    ),
                    (Operation.DESCRIBE, Operation.WRITE),
                ),
            ]
        case Role.DELAYS:
            return [_group(Pattern.LITERAL, groups.delays(namespace), _READ)]
        case Role.BRIDGE:
            return [_group(Pattern.LITERAL, groups.bridges(namespace), _READ)]
        case Role.WORKER:
            return [_group(Pattern.PREFIXED, groups.workers(namespace, ""), _READ)]
        case Role.OPERATOR:
            return [_group(Pattern.PREFIXED, f"{namespace}.", (Operation.DESCRIBE,))]
        case _:
            return []


def _group(pattern: Pattern, name: str, operations: tuple[Operation, ...]) -> Acl:
    return Acl(Resource(ResourceType.GROUP, pattern, name), operations)
