"""How a log is doing: what waits, what runs, who owns what, how far behind."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pydantic import BaseModel

from joblog.client.announced import Announced
from joblog.schemas.models import OwnerAnnounced
from joblog.streams.kafka.admin import check_topics, connected_admin
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

MS: Final = 1_000
ANSWER_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.05


class Line(BaseModel):
    """Jobs of a type and queue that wait.

    Attributes:
        jobs: those that are pending.
        oldest: the log time, ms, since when the first of these waits.
        blocked: those that wait for their turn, behind others of their ordering keys.
    """

    type: str
    queue: str
    jobs: int
    oldest: int | None = None
    blocked: int = 0


class Depth(BaseModel):
    """What a scheduler says about a partition that it owns.

    Attributes:
        partition: its number.
        offset: of the last record that is folded.
        now: log time, ms.
        stopped: why it has stopped; None while it goes on.
        waiting: pending jobs.
        in_flight: attempts by lane.
    """

    partition: int
    offset: int
    now: int
    stopped: str | None = None
    waiting: list[Line]
    in_flight: dict[str, int]


class PartitionStatus(NamedTuple):
    """A partition of the log.

    Attributes:
        partition: its number.
        owner: URL of the scheduler that owns it, None where none has announced itself.
        since: when the owner announced itself, ms.
        end: offset after the last record.
        depth: what the owner says; None where it does not answer.
    """

    partition: int
    owner: str | None
    since: int | None
    end: int
    depth: Depth | None

    @property
    def lag(self) -> int | None:
        """Records that are not folded yet."""
        return None if self.depth is None else max(0, self.end - 1 - self.depth.offset)


class Group(NamedTuple):
    """A consumer group of the log: schedulers, workers of a lane, delay services."""

    name: str
    state: str
    members: tuple[str, ...]


class Status(NamedTuple):
    """A log as seen from outside; `queues` adds up all partitions that answer."""

    partitions: list[PartitionStatus]
    queues: list[Line]
    in_flight: dict[str, int]
    groups: list[Group]


async def read_status(settings: Settings) -> Status:
    """Ask Kafka and the schedulers.

    Raises:
        KafkaUnavailableError: no broker answers.
        TopicMissingError: a topic does not exist.
        TopicMismatchError: a topic has other partitions than the settings say.
    """
    await check_topics(settings)
    owners = await _owners(settings)
    depths = await _depths({owner.url for owner in owners.values()})
    ends = await _ends(settings)
    partitions = [
        _partition(number, owners.get(number), depths.get(number), ends[number])
        for number in sorted(ends)
    ]
    answered = [found.depth for found in partitions if found.depth is not None]
    return Status(partitions, _queues(answered), _in_flight(answered), await _groups(settings))


def _partition(
    number: int, owner: OwnerAnnounced | None, depth: Depth | None, end: int
) -> PartitionStatus:
    if owner is None:
        return PartitionStatus(number, None, None, end, None)
    return PartitionStatus(number, owner.url, owner.epoch, end, depth)


async def _owners(settings: Settings) -> Mapping[int, OwnerAnnounced]:
    announced = Announced(settings)
    try:
        await announced.start()
        return announced.owners
    finally:
        await announced.stop()


async def _depths(urls: Iterable[str]) -> dict[int, Depth]:
    depths: dict[int, Depth] = {}
    async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
        for url in urls:
            try:
                async with session.get(f"{url}/v1/depth") as response:
                    answer: dict[str, Any] = await response.json()
            except (ClientError, TimeoutError):
                continue  # it is shown as a partition that nobody answers for
            for found in answer["partitions"]:
                depth = Depth.model_validate(found)
                depths[depth.partition] = depth
    return depths


async def _ends(settings: Settings) -> dict[int, int]:
    topic = TopicMap.of(settings).events
    async with LogReader(settings) as reader:
        found = await reader.ends(
            TopicPartition(topic.name, number) for number in range(topic.partitions)
        )
    return {at.partition: end for at, end in found.items()}


def _queues(depths: Iterable[Depth]) -> list[Line]:
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for depth in depths:
        for line in depth.waiting:
            lines[line.type, line.queue].append(line)
    return [
        Line(
            type=type_,
            queue=queue,
            jobs=sum(line.jobs for line in parts),
            oldest=min((line.oldest for line in parts if line.oldest is not None), default=None),
            blocked=sum(line.blocked for line in parts),
        )
        for (type_, queue), parts in sorted(lines.items())
    ]


def _in_flight(depths: Iterable[Depth]) -> dict[str, int]:
    lanes: dict[str, int] = defaultdict(int)
    for depth in depths:
        for lane, attempts in depth.in_flight.items():
            lanes[lane] += attempts
    return dict(sorted(lanes.items()))


async def _groups(settings: Settings) -> list[Group]:
    async with connected_admin(settings) as admin:
        names = await group_names(admin, settings.request_timeout_ms / MS)
        return [await _group(admin, name) for name in names if _is_of(settings.namespace, name)]


async def group_names(admin: AIOKafkaAdminClient, seconds: float) -> list[str]:
    """Return the names of all groups; a broker that has just started first has to load them.

    Args:
        admin: asks.
        seconds: how long it is asked again.

    Raises:
        KafkaError: it refuses, or had not loaded them in that time.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while True:
        try:
            return sorted(name for name, *_ in await admin.list_consumer_groups())
        except KafkaError as error:
            if not error.retriable or loop.time() > ends:
                raise
        await asyncio.sleep(POLL_SECONDS)


def _is_of(namespace: str, group: str) -> bool:
    return group.startswith(f"{namespace}.")


async def _group(admin: AIOKafkaAdminClient, name: str) -> Group:
    # One at a time: Kafka hangs up on aiokafka's request for several.
    response: Any
    (response,) = await admin.describe_consumer_groups([name])
    ((_, _, state, _, _, members, *_),) = response.groups
    return Group(name, state, tuple(f"{client} {host}" for _, client, host, *_ in members))
