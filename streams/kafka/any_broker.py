"""An admin client that asks another broker where one is away."""

import random
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError

AWAY = (KafkaConnectionError, NodeNotReadyError)
"""What comes of asking a broker that has ended; the others name it for some seconds more."""


class AnyBrokerAdmin(AIOKafkaAdminClient):
    """Sends what any broker answers to one that answers. aiokafka asks one at random, and no other."""

    async def _send_request(self, request: Any, node_id: int | None = None) -> Any:  # noqa: ANN401 - aiokafka's
        if node_id is not None:
            return await super()._send_request(request, node_id)
        nodes = [broker.nodeId for broker in self._client.cluster.brokers()]
        random.shuffle(nodes)  # all share the work
        for node in nodes[:-1]:
            try:
                return await super()._send_request(request, node)
            except AWAY:
                continue
        return await super()._send_request(request, nodes[-1] if nodes else None)
