"""Work and delay topics that somebody deletes."""

import asyncio
import random
import signal
from collections.abc import Sequence

from joblog.streams.topics import Topic, TopicMap
from tests.chaos.ground.field import Field
from tests.chaos.ground.services import resend
from tests.chaos.plan import Step
from tests.faults.deleting import deleted


async def work_topic_deleted(field: Field, step: Step) -> None:
    """Delete the work topic; it lasts until what stood there has come again."""
    await _delete(field, TopicMap.of(field.settings).works[0], ("scheduler",))
    await asyncio.sleep(step.seconds)


async def delay_topic_deleted(field: Field, step: Step) -> None:
    """Delete one of the first delay topics, in which retries wait."""
    topics = TopicMap.of(field.settings).delays[:3]
    topic = random.Random(step.at).choice(topics)
    await _delete(field, topic, ("scheduler", "delays"))
    await asyncio.sleep(step.seconds)


async def _delete(field: Field, topic: Topic, writers: Sequence[str]) -> None:
    """Delete a topic after a look at its records; who writes there stands still meanwhile."""
    pids = [await field.services.signal(name, signal.SIGSTOP) for name in writers]
    try:
        field.deleted.extend(await deleted(field.settings, topic))
    finally:
        for pid in pids:
            resend(pid, signal.SIGCONT)
