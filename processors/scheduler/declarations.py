"""Follows the config and schemas topics, and sees to it that the log's limits are declared."""

import asyncio
from collections.abc import Callable

from joblog.processors.scheduler.bulletin import Bulletin, name_of
from joblog.processors.scheduler.outbound import SOURCE
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import Event, LimitsAnnounced, TypeAnnounced
from joblog.streams.abc import Publisher
from joblog.streams.cloudevents import headers_for
from joblog.streams.kafka.follower import Follower
from joblog.streams.records import Inbound, Outbound
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
        self.unreadable = 0

    async def run(self) -> None:
        """Follow both topics until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(self._config))
            group.create_task(self._follow(self._schemas))
            group.create_task(self._declare_limits())

    async def _follow(self, follower: Follower) -> None:
        async for record in follower.records():
            event = self._event_of(record)
            if event is not None and self._is_possible(event):
                self._bulletin.declare(event)

    def _event_of(self, record: Inbound) -> Event | None:
        if record.value is None:
            return None
        if len(record.value) > self._topics.events.max_value_bytes:
            self.unreadable += 1  # its copy would not go into the events topic
            return None
        try:
            return self._codec.decode(record.value)
        except (UnknownSchemaError, UndecodableError):
            self.unreadable += 1
            return None

    def _is_possible(self, event: Event) -> bool:
        """Keep a type with a lane that this log does not have from stopping every partition."""
        if isinstance(event, TypeAnnounced) and event.lane not in self._topics.lanes:
            self.unreadable += 1
            return False
        return True

    async def _declare_limits(self) -> None:
        await self._config.caught_up.wait()
        declared, wanted = self._bulletin.limits(), self._settings.announced_limits
        if declared is not None and wanted.items() == _content(declared).items():
            return
        now = self._clock()
        version = now if declared is None else max(now, declared.version + 1)
        head = {"event_id": f"limits-{version}", "time": now, "version": version}
        event = LimitsAnnounced.model_validate(head | wanted)
        headers = headers_for("LimitsAnnounced", event.event_id, now, SOURCE)
        key = (name_of(event) or "").encode()
        record = Outbound(self._topics.config.name, 0, key, self._codec.encode(event), headers)
        await self._publisher.publish([record])


def _content(declared: LimitsAnnounced) -> dict[str, object]:
    return declared.model_dump(exclude={"event_id", "time", "version"})
