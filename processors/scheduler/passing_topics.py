"""Sees to it that the work and delay topics exist, and has the partitions told which ones they are."""

import logging
from collections.abc import Callable, Mapping

from aiokafka.admin import AIOKafkaAdminClient

from joblog.processors.scheduler.bulletin import Bulletin
from joblog.schemas.models import TopicsAnnounced
from joblog.streams.kafka.admin import mend_topics
from joblog.streams.kafka.topic_watch import Found, LogIdentity, watch_topics
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

logger = logging.getLogger(__name__)


class PassingTopics:
    """Watches over the topics that a scheduler writes to.

    A work or delay topic that is missing is created again. That it is another one then is told to each
    partition, which puts out again what stood on it.

    Args:
        settings: which topics there have to be.
        log_id: the log.
        bulletin: tells the partitions.
        clock: ms since the Unix epoch.
    """

    def __init__(
        self, settings: Settings, log_id: str, bulletin: Bulletin, clock: Callable[[], int]
    ) -> None:
        self._settings = settings
        self._identity = LogIdentity(settings, log_id)
        self._bulletin = bulletin
        self._clock = clock
        self._prefix = f"{settings.namespace}."
        self._names = [topic.name for topic in TopicMap.of(settings).passing]
        self._told: Mapping[str, str] = {}

    async def run(self) -> None:
        """Watch until cancelled.

        Raises:
            LogGoneError: the events topic was deleted, or made anew.
            TopicNotCreatedError: Kafka refuses to create a topic.
            AccessDeniedError: this client may not look at topics, or not create one.
        """
        await watch_topics(self._settings, [self._identity.topic, *self._names], self._seen)

    async def _seen(self, admin: AIOKafkaAdminClient, found: Found) -> bool:
        is_sure = self._identity.check(found)
        missing = [name for name in self._names if name not in found]
        if missing and is_sure:
            logger.error("%s: deleted, and now created again", ", ".join(missing))
            found = {**found, **await mend_topics(admin, self._settings)}
        self._tell({name: str(found[name].topic_id) for name in self._names if name in found})
        return is_sure

    def _tell(self, ids: Mapping[str, str]) -> None:
        topics = {name.removeprefix(self._prefix): id_ for name, id_ in ids.items()}
        if topics != self._told:
            self._told = topics
            now = self._clock()
            event = TopicsAnnounced(event_id=f"topics-{now}", time=now, topics=topics)
            self._bulletin.declare(event)
