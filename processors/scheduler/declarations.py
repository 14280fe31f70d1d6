"""Follows the config and schemas topics, and sees to it that the log and its limits are declared."""

import asyncio
from collections.abc import Callable

from joblog.processors.scheduler.bulletin import Bulletin, declared, limits_announced, name_of
from joblog.processors.scheduler.outbound import SOURCE
from joblog.schemas.codec import Codec
from joblog.schemas.models import LimitsAnnounced
from joblog.streams.abc import Publisher
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.follower import Follower
from joblog.streams.kafka.log_identity import announced_in, announcement
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


class Declarations:
    """Keeps a bulletin up to date from the topics where things are declared.

    Attributes:
        config: follows the config topic.
    """

    def __init__(
        self,
        settings: Settings,
        log_id: str,
        publisher: Publisher,
        bulletin: Bulletin,
        clock: Callable[[], int],
    ) -> None:
        """Fill a bulletin; `clock` gives ms."""
        self._settings = settings
        self._log_id = log_id
        self._announced_log: str | None = None
        self._topics = TopicMap.of(settings)
        self._publisher = publisher
        self._bulletin = bulletin
        self._clock = clock
        self._codec = Codec()
        self.config = Follower(settings, self._topics.config.name)
        self._schemas = Follower(settings, self._topics.schemas.name)

    async def run(self) -> None:
        """Follow both topics until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(self.config))
            group.create_task(self._follow(self._schemas))
            group.create_task(self.declare_limits())
            group.create_task(self.declare_log())

    async def _follow(self, follower: Follower) -> None:
        async for record in follower.records():
            if follower is self.config:
                self._announced_log = announced_in(record) or self._announced_log
            event = declared(record, self._codec, self._topics)
            if event is not None:
                self._bulletin.declare(event)

    async def declare_log(self) -> None:
        """Say once which log it is: other processes find nothing but names."""
        await self.config.caught_up.wait()
        if self._announced_log is None:
            record = announcement(self._settings, self._log_id, SOURCE, self._clock())
            await self._publisher.publish([record])

    async def declare_limits(self) -> None:
        """Declare the limits of the settings, unless the log has these."""
        await self.config.caught_up.wait()
        known, wanted = self._bulletin.limits(), self._settings.announced_limits
        if known is not None and wanted.items() == _content(known).items():
            return
        now = self._clock()
        event = limits_announced(wanted, now if known is None else max(now, known.version + 1), now)
        headers = headers_for("LimitsAnnounced", event.event_id, now, SOURCE)
        key = (name_of(event) or "").encode()
        record = Outbound(self._topics.config.name, 0, key, self._codec.encode(event), headers)
        await self._publisher.publish([record])


def _content(limits: LimitsAnnounced) -> dict[str, object]:
    return limits.model_dump(exclude={"event_id", "time", "version"})
