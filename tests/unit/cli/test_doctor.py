"""What the doctor makes of what is found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError

from joblog.cli.doctor import backlog, machine
from joblog.cli.doctor.cluster import (
    clock_finding,
    findings_of,
    newest_record_finding,
    permissions,
)
from joblog.cli.doctor.command import CHECK_SECONDS
from joblog.cli.doctor.finding import Finding, Verdict, found_and_fix
from joblog.cli.doctor.log import (
    LAG_NOTICED,
    group_findings,
    opened,
    scheduler_findings,
    type_findings,
)
from joblog.cli.errors import NoCoordinatorError
from joblog.client.status import Depth, Group, PartitionStatus, Status
from joblog.schemas.models import LogOpened, TypeAnnounced
from joblog.streams.acls import Operation, grants_of
from joblog.streams.kafka.acls import OPERATIONS
from joblog.streams.kafka.broker_version import FETCH, METADATA, version_of
from joblog.streams.kafka.topic_configs import TopicConfig
from joblog.streams.kafka.topic_metadata import TopicMetadata
from joblog.streams.roles import Role
from joblog.streams.settings import RegistrySettings, Settings
from joblog.streams.topics import TopicMap
from tests.unit.log_reader import FakeTopics

SETTINGS = Settings(namespace="shop", lanes=["default", "slow"])
TOPICS = TopicMap.of(SETTINGS)
REGISTRY = RegistrySettings(url="http://registry:8081")
WITH_REGISTRY = Settings(namespace="shop", lanes=["default", "slow"], registry=REGISTRY)
NOBODY = Status([], [], {}, [])


def verdicts(findings: object) -> list[tuple[str, Verdict]]:
    assert isinstance(findings, list)
    return [(finding.check, finding.verdict) for finding in findings]


def opening(partition: int, log_id: str = "log", partitions: int = 2) -> LogOpened:
    return LogOpened(
        event_id="e", time=0, log_id=log_id, partition=partition, partitions=partitions
    )


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({0: opening(0), 1: opening(1)}, Verdict.OK),
        ({0: opening(0), 1: None}, Verdict.WARNING),
        ({0: opening(0), 1: opening(1, log_id="other")}, Verdict.PROBLEM),
        ({0: opening(0), 1: opening(1, partitions=3)}, Verdict.PROBLEM),
    ],
)
def test_a_log_is_opened_in_all_its_partitions(
    found: dict[int, LogOpened | None], verdict: Verdict
) -> None:
    assert opened("log", 2, found).verdict is verdict


def owned(partition: int, folded: int | None, end: int = 10) -> PartitionStatus:
    depth = None
    if folded is not None:
        depth = Depth(partition=partition, offset=folded, now=0, waiting=[], in_flight={})
    return PartitionStatus(partition, "http://a:1", 0, end, depth)


def test_each_partition_has_an_owner_that_answers_and_keeps_up() -> None:
    unowned = PartitionStatus(1, None, None, 10, None)
    late = owned(3, folded=0, end=LAG_NOTICED + 2)
    partitions = [owned(0, folded=9), unowned, owned(2, folded=None), late]
    assert verdicts(list(scheduler_findings(partitions))) == [
        ("partition 1", Verdict.PROBLEM),
        ("partition 2", Verdict.PROBLEM),
        ("partition 3", Verdict.WARNING),
    ]
    assert verdicts(list(scheduler_findings([owned(0, folded=9)]))) == [("schedulers", Verdict.OK)]


def test_a_partition_that_has_stopped_is_a_problem() -> None:
    there = owned(0, folded=9)
    assert there.depth is not None
    reason = "500 records in a row are poison"
    stopped = there._replace(depth=there.depth.model_copy(update={"stopped": reason}))
    (found,) = scheduler_findings([stopped])
    assert (found.check, found.verdict) == ("partition 0", Verdict.PROBLEM)
    assert reason in found.found


def test_each_service_and_each_lane_has_members() -> None:
    there = Group("shop.workers.default", "Stable", ("one",))
    joining = Group("shop.delays", "PreparingRebalance", ("one",))
    status = NOBODY._replace(groups=[there, joining])
    found = list(group_findings(SETTINGS, status, {"shop.workers.default": 5}))
    assert verdicts(found) == [
        ("group shop.scheduler", Verdict.PROBLEM),
        ("group shop.delays", Verdict.WARNING),
        ("group shop.workers.default", Verdict.OK),
        ("group shop.workers.slow", Verdict.PROBLEM),
    ]
    assert "5 records not done" in found[2].found


def test_a_log_with_a_registry_has_a_bridge_too() -> None:
    found = list(group_findings(WITH_REGISTRY, NOBODY, {"shop.bridge": 7}))
    assert (found[-1].check, found[-1].verdict) == ("group shop.bridge", Verdict.PROBLEM)
    assert "7 records not done" in found[-1].found
    assert "joblog bridge" in found[-1].remedy
    there = NOBODY._replace(groups=[Group("shop.bridge", "Stable", ("one",))])
    assert list(group_findings(WITH_REGISTRY, there, {}))[-1].verdict is Verdict.OK


class NewBroker:
    """A broker that makes the topic of committed offsets once it is asked for them, or cannot."""

    def __init__(self, *, can_make: bool) -> None:
        self.can_make = can_make
        self.committed: dict[TopicPartition, tuple[int, str]] | None = None

    async def list_consumer_group_offsets(self, _: str) -> dict[TopicPartition, tuple[int, str]]:
        if self.committed is None:
            self.committed = {} if self.can_make else None
            raise GroupCoordinatorNotAvailableError
        return self.committed


def use(broker: NewBroker, monkeypatch: pytest.MonkeyPatch) -> FakeTopics:
    @asynccontextmanager
    async def connected(_: Settings) -> AsyncIterator[NewBroker]:
        yield broker

    topics = FakeTopics()
    monkeypatch.setattr(backlog, "connected_admin", connected)
    monkeypatch.setattr(backlog, "LogReader", topics)
    return topics


async def test_where_there_never_was_a_group_all_records_are_not_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topics = use(NewBroker(can_make=True), monkeypatch)
    topics.put(TopicPartition("shop.submissions", 1), b"a job")
    behind = await backlog.records_behind(WITH_REGISTRY)
    assert behind == {**dict.fromkeys(behind, 0), "shop.bridge": 1}
    assert len(behind) == 4


async def test_a_group_that_no_broker_coordinates_is_a_problem_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert backlog.COORDINATOR_SECONDS < CHECK_SECONDS
    monkeypatch.setattr(backlog, "COORDINATOR_SECONDS", 0)
    use(NewBroker(can_make=False), monkeypatch)
    with pytest.raises(NoCoordinatorError) as caught:
        async with asyncio.timeout(CHECK_SECONDS):
            await backlog.records_behind(SETTINGS)
    assert caught.value.group == "shop.delays"
    found, fix = found_and_fix(str(caught.value))
    assert found == (
        "no broker coordinates the group shop.delays ([Error 15] GroupCoordinatorNotAvailableError)"
    )
    assert fix.startswith("see whether all brokers answer")


def test_a_type_whose_schema_is_not_announced_is_a_problem() -> None:
    declared = TypeAnnounced(
        event_id="t", time=0, version=1, type="mail", payload_schemas=(b"12345678",)
    )
    assert verdicts(list(type_findings({"mail": declared}, [b"12345678"]))) == [
        ("types", Verdict.OK)
    ]
    assert ("type mail", Verdict.PROBLEM) in verdicts(list(type_findings({"mail": declared}, [])))
    assert verdicts(list(type_findings({}, []))) == [("types", Verdict.WARNING)]


def test_clocks_may_be_a_second_apart() -> None:
    assert [clock_finding(ms).verdict for ms in (-900, 0, 900)] == 3 * [Verdict.OK]
    assert [clock_finding(ms).verdict for ms in (-1_100, 1_100)] == 2 * [Verdict.WARNING]
    assert "behind" in clock_finding(-1_100).found
    assert newest_record_finding(None, 0).verdict is Verdict.OK
    assert newest_record_finding(1_000, 500_000).verdict is Verdict.OK
    assert newest_record_finding(500_000, 1_000).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("copies", "least", "words"),
    [
        (1, 1, None),
        (2, 1, "has two copies: either a loss or a stop"),
        (2, 2, "has two copies: either a loss or a stop"),
        (3, 1, "min.insync.replicas=1 with 3 copies"),
        (3, 2, None),
        (3, 3, "min.insync.replicas=3 with 3 copies"),
        (4, 2, None),
    ],
)
def test_copies_are_to_outlive_a_broker_without_a_stop(
    copies: int, least: int, words: str | None
) -> None:
    topic = TopicMap("shop", partitions=1, replication_factor=copies).events
    values = {**topic.config, "min.insync.replicas": str(least)}
    configs = {name: TopicConfig(value, chosen=True) for name, value in values.items()}
    there = allowed(Role.PRODUCER)[topic.name]._replace(copies=copies, in_sync=copies)
    found = list(findings_of(topic, there, configs))
    assert [finding.verdict for finding in found] == [Verdict.WARNING] * (words is not None)
    assert all(words in finding.found for finding in found if words is not None)


def allowed(role: Role, topics: TopicMap = TOPICS) -> dict[str, TopicMetadata]:
    """Return what Kafka says of the topics to who has a role's rights."""
    bits = dict.fromkeys(topics.by_name, 0)
    for grant in grants_of({role: ["User:x"]}, topics):
        for name in bits:
            if name == grant.resource.name or (
                grant.resource.pattern == "prefixed" and name.startswith(grant.resource.name)
            ):
                bits[name] |= 1 << OPERATIONS[grant.operation]
    return {
        name: TopicMetadata(UUID(int=1), 1, has_leaders=True, copies=1, in_sync=1, operations=mask)
        for name, mask in bits.items()
    }


@pytest.mark.parametrize("role", Role)
def test_rights_are_enough_for_the_role_that_has_them(role: Role) -> None:
    topics = TopicMap.of(WITH_REGISTRY)
    finding: Finding = permissions(topics, allowed(role, topics), role)
    assert finding.verdict is Verdict.OK, finding


def test_without_a_registry_there_is_no_bridge_to_have_rights() -> None:
    finding = permissions(TOPICS, allowed(Role.WORKER), None)
    assert finding.found == "on the topics this login may do all of: producer, worker"
    as_bridge = permissions(TOPICS, allowed(Role.WORKER), Role.BRIDGE)
    assert as_bridge.verdict is Verdict.PROBLEM
    assert "JOBLOG_REGISTRY__URL" in as_bridge.remedy


def test_rights_that_a_role_lacks_are_named() -> None:
    finding = permissions(TOPICS, allowed(Role.PRODUCER), Role.WORKER)
    assert finding.verdict is Verdict.PROBLEM
    assert f"{Operation.READ} of shop.work.default, shop.work.slow" in finding.found
    assert permissions(TOPICS, allowed(Role.PRODUCER), None).verdict is Verdict.OK


def test_a_broker_is_as_old_as_what_it_takes() -> None:
    assert version_of({FETCH: 18, METADATA: 13}) == ("4.1", True)
    assert version_of({FETCH: 13, METADATA: 12}) == ("3.1", True)
    assert version_of({FETCH: 11, METADATA: 8}) == ("0.10", False)


def test_the_embedded_broker_needs_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.embedded_broker().verdict is Verdict.OK
    monkeypatch.setattr(machine, "find_spec", lambda name: None if name == "jgo" else name)
    lacking = machine.embedded_broker()
    assert (lacking.verdict, "jgo is not installed" in lacking.found) == (Verdict.WARNING, True)
    assert "joblog[broker]" in lacking.remedy


@pytest.mark.parametrize(
    ("message", "halves"),
    [
        (
            "no Kafka at here:9092 (KafkaConnectionError: Unable to bootstrap): start a broker: any",
            (
                "no Kafka at here:9092 (KafkaConnectionError: Unable to bootstrap)",
                "start a broker: any",
            ),
        ),
        ("the topic is missing: create it", ("the topic is missing", "create it")),
        ("UnknownError", ("UnknownError", "")),
    ],
)
def test_an_error_is_split_where_its_fix_begins(message: str, halves: tuple[str, str]) -> None:
    assert found_and_fix(message) == halves
