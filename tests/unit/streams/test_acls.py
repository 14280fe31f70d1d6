"""The planned rights are enough for what the code does, and no more."""

import pytest

from joblog.processors.bridge.service import consumer_options
from joblog.processors.delays.consumer import group_of as group_of_delays
from joblog.processors.worker.work_consumer import group_of as group_of_workers
from joblog.streams.acls import (
    Acl,
    Grant,
    Operation,
    Pattern,
    Resource,
    ResourceType,
    acls_of,
    grants_of,
    roles_of,
)
from joblog.streams.faust_app.options import group_of as group_of_schedulers
from joblog.streams.roles import Role
from joblog.streams.settings import RegistrySettings, Settings
from joblog.streams.store.changelog import Changelog
from joblog.streams.topics import TopicMap

REGISTRY = RegistrySettings(url="http://registry:8081")
SETTINGS = Settings(namespace="shop", lanes=["default", "slow"], registry=REGISTRY)
TOPICS = TopicMap.of(SETTINGS)


def may(role: Role, operation: Operation, type_: ResourceType, name: str) -> bool:
    return any(covers(acl, type_, name) for acl in acls_of(role, TOPICS) if operation in acl[1])


def covers(acl: Acl, type_: ResourceType, name: str) -> bool:
    type_of_acl, pattern, named = acl.resource
    if type_of_acl is not type_:
        return False
    return name == named if pattern is Pattern.LITERAL else name.startswith(named)


@pytest.mark.parametrize("role", Role)
def test_a_role_reads_and_writes_what_the_map_of_topics_says_and_nothing_else(role: Role) -> None:
    for topic in TOPICS.all:
        name = topic.name
        assert may(role, Operation.READ, ResourceType.TOPIC, name) == (role in topic.readers)
        assert may(role, Operation.WRITE, ResourceType.TOPIC, name) == (role in topic.writers)
        assert may(role, Operation.DESCRIBE, ResourceType.TOPIC, name)
        assert may(role, Operation.DESCRIBE_CONFIGS, ResourceType.TOPIC, name)
        for operation in (Operation.CREATE, Operation.ALTER_CONFIGS):
            again = role is Role.SCHEDULER and topic in TOPICS.passing
            may_do = role is Role.DEPLOYER or (again and operation is Operation.CREATE)
            assert may(role, operation, ResourceType.TOPIC, name) == may_do


def test_who_does_what_waits_deletes_it_when_it_is_done_and_nobody_deletes_anything_else() -> None:
    deleters = {
        (role, topic.name)
        for role in Role
        for topic in TOPICS.all
        if may(role, Operation.DELETE, ResourceType.TOPIC, topic.name)
    }
    assert deleters == {
        *((Role.WORKER, topic.name) for topic in TOPICS.works),
        *((Role.DELAYS, topic.name) for topic in TOPICS.delays),
    }


def test_services_are_members_of_their_own_groups_alone() -> None:
    groups = {
        group_of_schedulers(SETTINGS): Role.SCHEDULER,
        group_of_delays(SETTINGS): Role.DELAYS,
        consumer_options(SETTINGS)["group_id"]: Role.BRIDGE,
        **{group_of_workers(SETTINGS, lane): Role.WORKER for lane in SETTINGS.lanes},
    }
    for name, member in groups.items():
        readers = {role for role in Role if may(role, Operation.READ, ResourceType.GROUP, name)}
        assert readers == {member}
        assert may(Role.OPERATOR, Operation.DESCRIBE, ResourceType.GROUP, name)


def test_a_log_without_a_registry_has_no_bridge() -> None:
    assert roles_of(TOPICS) == list(Role)
    assert set(Role) - set(roles_of(TopicMap("shop"))) == {Role.BRIDGE}


def test_schedulers_alone_write_in_transactions() -> None:
    writer = Changelog.of(TOPICS, 3).writer
    writers = {
        role for role in Role if may(role, Operation.WRITE, ResourceType.TRANSACTIONAL_ID, writer)
    }
    assert writers == {Role.SCHEDULER}


def test_nothing_is_given_in_other_namespaces() -> None:
    for role in Role:
        for acl in acls_of(role, TOPICS):
            assert acl.resource.name.startswith(("shop.", "shop-state-"))


def test_a_principal_in_two_roles_has_each_right_once() -> None:
    both = list(grants_of({Role.PRODUCER: ["User:a"], Role.OPERATOR: ["User:a"]}, TOPICS))
    assert len(both) == len(set(both))
    events = Resource(ResourceType.TOPIC, Pattern.LITERAL, "shop.events")
    assert Grant("User:a", events, Operation.WRITE) in both
