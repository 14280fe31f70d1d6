"""What Kafka knows of a consumer group."""

from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from joblog.streams.kafka import client_options
from joblog.streams.settings import Settings


async def members_of(settings: Settings, group: str) -> int:
    """Return how many members a group has; none while a new broker has no coordinator for it yet."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        responses: Any = await admin.describe_consumer_groups([group])
    except GroupCoordinatorNotAvailableError:
        return 0
    finally:
        await admin.close()
    [response] = responses
    [described] = response.groups
    members: Sequence[Any] = described[5]
    return len(members)
