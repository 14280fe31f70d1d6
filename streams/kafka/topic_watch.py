"""Notices that topics were deleted or made anew: nothing else would say so to who only writes to them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, NoReturn

from aiokafka.admin import AIOKafkaAdminClient

from joblog.streams.errors import AccessDeniedError, KafkaUnavailableError, LogGoneError
from joblog.streams.kafka.admin import connected_admin
from joblog.streams.kafka.topic_metadata import TopicMetadata, topic_metadata
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

LOOK_SECONDS: Final = 2.0
"""Time between two looks: a request that is as large as the topics have partitions."""

DOUBT_SECONDS: Final = 0.5
"""The same where what was seen is to be confirmed."""

FAREWELL_SECONDS: Final = 2.0
"""Time for a work to end that is cancelled since its log is gone; what it waits for will not come."""

Found = Mapping[str, TopicMetadata]
Seen = Callable[[AIOKafkaAdminClient, Found], Awaitable[bool]]
"""Takes what Kafka says of the topics that exist; returns whether that was beyond doubt."""


async def watch_topics(settings: Settings, names: Sequence[str], seen: Seen) -> NoReturn:
    """Look at topics until cancelled; while no broker answers, nothing is seen.

    Args:
        settings: where Kafka is.
        names: the topics.
        seen: is told of each look; what it raises is raised.

    Raises:
        AccessDeniedError: this client may not do what it has to.
    """
    while True:
        try:
            async with connected_admin(settings) as admin:
                while True:
                    is_sure = await seen(admin, await topic_metadata(admin, names))
                    await asyncio.sleep(LOOK_SECONDS if is_sure else DOUBT_SECONDS)
        except AccessDeniedError:
            raise
        except KafkaUnavailableError:
            await asyncio.sleep(LOOK_SECONDS)


class LogIdentity:
    """Judges whether the events topic is still the log that it was.

    Args:
        settings: name the topic.
        log_id: the log.
    """

    def __init__(self, settings: Settings, log_id: str) -> None:
        self.topic = TopicMap.of(settings).events.name
        self._log_id = log_id
        self._missed = False

    def check(self, found: Found) -> bool:
        """Judge a look, and return whether it was beyond doubt.

        Raises:
            LogGoneError: the topic is another one, or is missing for the second time: a broker that has just
                started may not know it yet.
        """
        now = found.get(self.topic)
        if now is None:
            if self._missed:
                raise LogGoneError(self.topic, self._log_id, None)
            self._missed = True
        elif str(now.topic_id) != self._log_id:
            raise LogGoneError(self.topic, self._log_id, str(now.topic_id))
        else:
            self._missed = False
        return not self._missed


async def watch_log(settings: Settings, log_id: str) -> NoReturn:
    """Watch over the events topic until cancelled.

    Raises:
        LogGoneError: the topic was deleted, or made anew.
        AccessDeniedError: this client may not look at it.
    """
    identity = LogIdentity(settings, log_id)

    async def seen(_: AIOKafkaAdminClient, found: Found) -> bool:
        return identity.check(found)

    await watch_topics(settings, [identity.topic], seen)


async def run_on_log(settings: Settings, log_id: str, work: Coroutine[Any, Any, object]) -> None:
    """Do a work to its end, or until the log is gone.

    Raises:
        LogGoneError: the events topic was deleted, or made anew; the work was cancelled.
        AccessDeniedError: this client may not look at it; likewise.
    """
    working = asyncio.create_task(work, name="work")
    watching = asyncio.create_task(watch_log(settings, log_id), name="watch the log")
    try:
        done, _ = await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        await done.pop()
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.wait((working, watching), timeout=FAREWELL_SECONDS)
