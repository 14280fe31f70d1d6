"""Tells from the requests that a broker takes which Kafka it is at least."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import ApiVersionRequest

METADATA: Final = 3
NEEDED_METADATA: Final = 12
"""It tells the ids of topics by their names, which is where a log's id comes from (KIP-516)."""

FETCH: Final = 1
_FETCHES: Final[Mapping[int, str]] = {
    18: "4.1",
    17: "3.9",
    16: "3.7",
    15: "3.5",
    13: "3.1",
    12: "2.7",
}
"""Newest version of a fetch, and the first Kafka that takes it."""


class BrokerVersion(NamedTuple):
    """A broker's age.

    Attributes:
        at_least: the first Kafka that takes the requests that it takes.
        is_enough: whether joblog can work with it.
    """

    at_least: str
    is_enough: bool


async def broker_version(admin: AIOKafkaAdminClient) -> BrokerVersion:
    """Ask a broker what it takes.

    Raises:
        KafkaError: it does not answer.
    """
    response: Any = await admin._send_request(ApiVersionRequest())  # noqa: SLF001 - no public way
    newest = {key: most for key, _, most, *_ in response.api_versions}
    return version_of(newest)


def version_of(newest: Mapping[int, int]) -> BrokerVersion:
    """Return a broker's age by the newest version of each request that it takes."""
    fetch = newest.get(FETCH, 0)
    at_least = next((kafka for version, kafka in _FETCHES.items() if fetch >= version), "0.10")
    return BrokerVersion(at_least, newest.get(METADATA, 0) >= NEEDED_METADATA)
