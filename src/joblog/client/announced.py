"""Follows what is announced for the whole log: owners of partitions, job types, limits."""

import asyncio
import logging
from contextlib import suppress

from aiokafka.errors import KafkaError

from joblog.client.errors import ClientClosedError
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import LimitsAnnounced, OwnerAnnounced, TypeAnnounced
from joblog.streams.kafka.client import unavailable
from joblog.streams.kafka.follower import Follower
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

logger = logging.getLogger(__name__)


class Announced:
    """The newest announcement of each kind on the config topic.

    Should that topic become unreadable, those who wait for news are told, and who asks later has it read anew.

    Attributes:
        owners: announcement of each partition's owner: the newest record counts, whatever its epoch.
        types: announcement of each job type, by type.
        limits: limits of the log, None while no scheduler has announced them.
    """

    def __init__(self, settings: Settings) -> None:
        """Know nothing yet."""
        self.owners: dict[int, OwnerAnnounced] = {}
        self.types: dict[str, TypeAnnounced] = {}
        self.limits: LimitsAnnounced | None = None
        self._settings = settings
        self._codec = Codec()
        self._news = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow, and wait until all is known that is there now.

        Raises:
            KafkaUnavailableError: Kafka cannot be read.
        """
        follower, following = self._begin()
        caught_up = asyncio.create_task(follower.caught_up.wait())
        try:
            await asyncio.wait((following, caught_up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            caught_up.cancel()
        self._raise_if_ended(following)

    async def stop(self) -> None:
        """Follow no longer."""
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            with suppress(asyncio.CancelledError, KafkaError):
                await following

    async def news(self, timeout: float) -> None:
        """Wait for the next announcement, `timeout` seconds at most.

        Raises:
            KafkaUnavailableError: Kafka could not be read meanwhile.
            ClientClosedError: it was stopped meanwhile.
        """
        following = self._following
        if following is not None and following.done():
            logger.warning("announcements are followed again, after %r", following.exception())
            _, following = self._begin()
        self._news.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout)
        if following is not None:
            self._raise_if_ended(following)

    def told(self) -> None:
        """Wake those who wait for news."""
        self._news.set()

    def learn(self, record: Inbound) -> None:
        """Take in a record of the config topic; one that cannot be read is as good as none."""
        if record.value is None:
            return
        try:
            event = self._codec.decode(record.value)
        except (UnknownSchemaError, UndecodableError):
            return
        match event:
            case OwnerAnnounced():
                self.owners[event.partition] = event
            case TypeAnnounced():
                _keep_newest(self.types, event)
            case LimitsAnnounced():
                if self.limits is None or event.version >= self.limits.version:
                    self.limits = event

    def _begin(self) -> tuple[Follower, asyncio.Task[None]]:
        follower = Follower(self._settings, TopicMap.of(self._settings).config.name)
        following = asyncio.create_task(self._follow(follower), name="follow announcements")
        following.add_done_callback(lambda _: self.told())
        self._following = following
        return follower, following

    async def _follow(self, follower: Follower) -> None:
        async for record in follower.records():
            self.learn(record)
            self.told()

    def _raise_if_ended(self, following: asyncio.Task[None]) -> None:
        if not following.done():
            return
        if following.cancelled():
            raise ClientClosedError
        error = following.exception()
        raise unavailable(self._settings.bootstrap_servers, error) from error


def _keep_newest(types: dict[str, TypeAnnounced], event: TypeAnnounced) -> None:
    known = types.get(event.type)
    if known is None or event.version >= known.version:
        types[event.type] = event
