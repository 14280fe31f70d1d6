"""Asks another broker where one is away."""

import random
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError, NodeNotReadyError

AWAY = (KafkaConnectionError, NodeNotReadyError)
"""What comes of asking a broker that has ended; the others name it for some seconds more."""


class AnyBrokerAdmin(AIOKafkaAdminClient):
    """Sends what any broker answers to one that answers. aiokafka asks one at random, and no other."""

    async def _send_request(self, request: Any, node_id: int | None = None) -> Any:  # noqa: ANN401 - aiokafka's
        if node_id is not None:
            return await super()._send_request(request, node_id)
        return await ask_any(self._client, request)


async def ask_any(
    client: AIOKafkaClient,
    request: Any,  # noqa: ANN401 - as above
    away: tuple[type[KafkaError], ...] = AWAY,
) -> Any:  # noqa: ANN401 - as above
    """Send what any broker answers to one that answers.

    Args:
        client: is connected.
        request: the request.
        away: errors after which another one is asked. Defaults to those before which nothing was done.

    Raises:
        KafkaError: none answers.
    """
    nodes = [broker.nodeId for broker in client.cluster.brokers()]
    random.shuffle(nodes)  # all share the work
    for node in nodes[:-1]:
        try:
            return await client.send(node, request)
        except away:
            continue
    return await client.send(nodes[-1], request)
