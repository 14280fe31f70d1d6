"""Follows the config and schemas topics, and sees to it that the log's limits are declared."""

import asyncio
from collections.abc import Callable

from joblog.processors.scheduler.bulletin import Bulletin, declared, limits_announced, name_of
from joblog.processors.scheduler.outbound import SOURCE
from joblog.schemas.codec import Codec
from joblog.schemas.models import LimitsAnnounced
from joblog.streams.abc import Publisher
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.follower import Follower
from joblog.streams.records import Outbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


class Declarations:
    """Keeps a bulletin up to date from the topics where things are declared."""

    def __init__(
        self, settings: Settings, publisher: Publisher, bulletin: Bulletin, clock: Callable[[], int]
    ) -> None:
        """Fill a bulletin; `clock` gives ms."""
        self._settings = settings
        self._topics = TopicMap.of(settings)
        self._publisher = publisher
        self._bulletin = bulletin
        self._clock = clock
        self._codec = Codec()
        self._config = Follower(settings, self._topics.config.name)
        self._schemas = Follower(settings, self._topics.schemas.name)

    async def run(self) -> None:
        """Follow both topics until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(self._config))
            group.create_task(self._follow(self._schemas))
            group.create_task(self._declare_limits())

    async def _follow(self, follower: Follower) -> None:
        async for record in follower.records():
            event = declared(record, self._codec, self._topics)
            if event is not None:
                self._bulletin.declare(event)

    async def _declare_limits(self) -> None:
        await self._config.caught_up.wait()
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
