"""Looks at the cluster: who answers, its clock, the topics, and what this login may do."""

from collections.abc import Iterator, Mapping
from typing import Final

from joblog.cli.doctor.finding import Finding, ok, problem, warning
from joblog.streams.acls import Operation, Pattern, Resource, ResourceType, acls_of, roles_of
from joblog.streams.errors import TopicMismatchError
from joblog.streams.kafka import connected_admin
from joblog.streams.kafka.acls import OPERATIONS
from joblog.streams.kafka.broker_version import BrokerVersion, broker_version
from joblog.streams.kafka.topic_configs import TopicConfig, mismatches_of, read_configs
from joblog.streams.kafka.topic_metadata import TopicMetadata, topic_metadata
from joblog.streams.roles import Role
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap

MS: Final = 1_000
TWO_COPIES: Final = 2
"""So few that a broker's end is either a loss or a stop, whatever `min.insync.replicas` is."""
SKEW_NOTICED_MS: Final = 1_000
"""Clocks that are further apart make delays and deadlines noticeably wrong."""


async def broker_findings(settings: Settings) -> list[Finding]:
    """Return which Kafka answers, and of how many brokers.

    Raises:
        KafkaUnavailableError: none does, or it does not let this client in.
    """
    async with connected_admin(settings) as admin:
        version = await broker_version(admin)
        cluster = await admin.describe_cluster()
    return [_version(version), _brokers(settings, len(cluster["brokers"]))]


async def topic_findings(settings: Settings, role: Role | None) -> list[Finding]:
    """Return how the topics are, and what this login may do with them.

    Raises:
        KafkaUnavailableError: no broker answers.
        AccessDeniedError: this client may not look at topics or configs.
    """
    topics = TopicMap.of(settings)
    async with connected_admin(settings) as admin:
        found = await topic_metadata(admin, list(topics.by_name), with_operations=True)
        configs = {name: config async for name, config in read_configs(admin, list(found))}
    findings = [
        finding
        for topic in topics.all
        for finding in findings_of(topic, found.get(topic.name), configs.get(topic.name, {}))
    ]
    right = len(topics.all) - len({finding.check for finding in findings})
    if right:
        findings.insert(0, ok("topics", f"{right} of {len(topics.all)} are as they have to be"))
    if len(found) == len(topics.all):
        findings.append(permissions(topics, found, role))
    return findings


def clock_finding(ahead_ms: float) -> Finding:
    """Return how far the clocks are apart."""
    words = f"the broker's is {abs(ahead_ms):,.0f} ms {'ahead of' if ahead_ms > 0 else 'behind'} this machine's"
    if abs(ahead_ms) <= SKEW_NOTICED_MS:
        return ok("clocks", words)
    return warning(
        "clocks", words, "set both by NTP: a delay is counted here, and log time decides"
    )


def newest_record_finding(newest: int | None, now: int) -> Finding:
    """Return what the newest record tells about the clocks; both times in ms."""
    if newest is not None and newest - now > SKEW_NOTICED_MS:
        return clock_finding(newest - now)
    words = "no record is of the future; --measure-clock appends one and tells more"
    return ok("clocks", words)


def permissions(topics: TopicMap, found: Mapping[str, TopicMetadata], role: Role | None) -> Finding:
    """Return for which roles this login has enough rights on the topics."""
    lacks = {one: list(_lacks(one, topics, found)) for one in roles_of(topics)}
    enough = [str(one) for one, lacking in lacks.items() if not lacking]
    words = f"on the topics this login may do all of: {', '.join(enough) or 'no role'}"
    if role is not None and role not in lacks:
        remedy = "set JOBLOG_REGISTRY__URL, or name another role"
        return problem("permissions", f"{words}; a {role} needs a schema registry", remedy)
    wanted = lacks[role] if role is not None else [] if enough else lacks[Role.PRODUCER]
    if not wanted:
        return ok("permissions", words)
    return problem(
        "permissions",
        f"{words}; as {role or Role.PRODUCER} it lacks {'; '.join(wanted)}",
        "joblog topics plan shows the ACLs of each role, joblog topics apply gives them",
    )


def _version(version: BrokerVersion) -> Finding:
    words = f"Kafka {version.at_least} or newer"
    if version.is_enough:
        return ok("broker", words)
    return problem("broker", words, "upgrade the brokers: joblog needs Kafka 3.1 or newer")


def _brokers(settings: Settings, brokers: int) -> Finding:
    copies = settings.replication_factor
    if copies > brokers:
        return warning(
            "brokers",
            f"{brokers} answer, and replication_factor is {copies}: no topic can be created",
            "start the others, or lower JOBLOG_REPLICATION_FACTOR before the topics are created",
        )
    if brokers > 1 and copies == 1:
        return warning(
            "brokers",
            f"{brokers}, but records have one copy",
            "set JOBLOG_REPLICATION_FACTOR=3 before the topics are created: one broker's end stops the log",
        )
    return ok("brokers", f"{brokers}; topics are created with {copies} copies")


def findings_of(
    topic: Topic, found: TopicMetadata | None, configs: Mapping[str, TopicConfig]
) -> Iterator[Finding]:
    """Yield what is wrong with a topic, nothing where nothing is.

    Args:
        topic: as it has to be.
        found: as it is, None where it is not.
        configs: its configs, all that a topic has where it is.
    """
    check = f"topic {topic.name}"
    if found is None:
        yield problem(check, "does not exist", "joblog topics create")
        return
    if found.partitions != topic.partitions:
        yield problem(
            check,
            f"has {found.partitions} partitions, and by the settings {topic.partitions}",
            "set JOBLOG_PARTITIONS as it was when the topics were created",
        )
    if not found.has_leaders:
        yield problem(check, "has partitions without a leader", "start the brokers that are away")
    elif found.in_sync < found.copies:
        words = f"{found.in_sync} of {found.copies} copies are up to date"
        yield warning(check, words, "see to the brokers that are away or slow")
    if found.copies < topic.replication_factor:
        words = f"has {found.copies} copies, and by the settings {topic.replication_factor}"
        yield warning(check, words, "add copies with kafka-reassign-partitions.sh")
    yield from _configs(topic, found, configs)


def _configs(
    topic: Topic, found: TopicMetadata, configs: Mapping[str, TopicConfig]
) -> Iterator[Finding]:
    check = f"topic {topic.name}"
    for mismatch in mismatches_of(topic, configs):
        yield _mismatch(check, mismatch)
    least = int(configs["min.insync.replicas"].value)
    if found.copies == TWO_COPIES:
        words = "has two copies: either a loss or a stop when a broker ends"
        yield warning(check, words, "use three, with min.insync.replicas=2")
    elif found.copies > TWO_COPIES and not 1 < least < found.copies:
        yield warning(
            check,
            f"min.insync.replicas={least} with {found.copies} copies",
            f"{found.copies - 1} lets one broker end without a loss and without a stop",
        )


def _mismatch(check: str, mismatch: TopicMismatchError) -> Finding:
    words = f"{mismatch.config}={mismatch.found}, and has to be {mismatch.expected}"
    return problem(check, words, mismatch.fix)


def _lacks(role: Role, topics: TopicMap, found: Mapping[str, TopicMetadata]) -> Iterator[str]:
    for acl in acls_of(role, topics):
        for operation in acl.operations:
            names = [
                name
                for name in found
                if _covers(acl.resource, name) and not _may(found[name], operation)
            ]
            if names:
                yield f"{operation} of {', '.join(names)}"


def _covers(resource: Resource, topic: str) -> bool:
    if resource.type is not ResourceType.TOPIC:
        return False
    if resource.pattern is Pattern.PREFIXED:
        return topic.startswith(resource.name)
    return topic == resource.name


def _may(found: TopicMetadata, operation: Operation) -> bool:
    return bool((found.operations or 0) >> OPERATIONS[operation] & 1)
