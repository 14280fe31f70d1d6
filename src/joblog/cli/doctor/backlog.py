"""How many records of its topics each consumer group has not done."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from joblog.cli.errors import NoCoordinatorError
from joblog.streams import groups
from joblog.streams.kafka import connected_admin
from joblog.streams.kafka.log_reader import LogReader
from joblog.streams.settings import Settings
from joblog.streams.topics import Topic, TopicMap

POLL_SECONDS: Final = 0.05
COORDINATOR_SECONDS: Final = 5.0
"""Longest wait until Kafka has made the topic of committed offsets."""


async def records_behind(settings: Settings) -> dict[str, int]:
    """Return how many records each group but the schedulers' has not done, by its name.

    Raises:
        KafkaUnavailableError: no broker answers.
        AccessDeniedError: this client may not ask.
        NoCoordinatorError: no broker looks after a group.
    """
    behind = {}
    async with connected_admin(settings) as admin, LogReader(settings) as reader:
        for group, topics in _read_by_groups(settings).items():
            places = [
                TopicPartition(topic.name, number)
                for topic in topics
                for number in range(topic.partitions)
            ]
            ends, starts = await reader.ends(places), await reader.starts(places)
            done = await _committed(admin, group)
            behind[group] = sum(ends[at] - max(starts[at], done.get(at, 0)) for at in places)
    return behind


def _read_by_groups(settings: Settings) -> dict[str, Sequence[Topic]]:
    topics, namespace = TopicMap.of(settings), settings.namespace
    read: dict[str, Sequence[Topic]] = {groups.delays(namespace): topics.delays}
    read |= {groups.workers(namespace, lane): (topics.work(lane),) for lane in settings.lanes}
    if topics.has_registry:
        read[groups.bridges(namespace)] = (topics.submissions,)
    return read


async def _committed(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, int]:
    """Return what a group has committed; where there never was one, Kafka has to make their topic first.

    Raises:
        NoCoordinatorError: it has not made it in time, or the topic has no leaders.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + COORDINATOR_SECONDS
    while True:
        try:
            found = await admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError as error:
            if loop.time() >= ends:
                raise NoCoordinatorError(group, str(error)) from error
            await asyncio.sleep(POLL_SECONDS)
        else:
            return {at: offset for at, (offset, _) in found.items()}
