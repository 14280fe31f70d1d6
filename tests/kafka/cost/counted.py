"""A service that writes down each of its requests: `python -m tests.kafka.cost.counted`.

Which one is in the environment, as TEST_COMMAND; and where to, as TEST_REQUESTS: a line a request.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from aiokafka.client import AIOKafkaClient

from joblog.cli.main import main

EMPTY = "Fetch of nothing"


def count_requests(note: Callable[[str], object]) -> Any:  # noqa: ANN401 - mock's patcher
    """Return a patch that notes the kind of each request that aiokafka has answered, as in `Produce`."""
    send: Any = AIOKafkaClient.send

    async def send_and_note(self: object, node: object, request: object, **options: object) -> Any:  # noqa: ANN401 - any answer
        answer = await send(self, node, request, **options)
        note(_kind_of(request, answer))
        return answer

    return mock.patch.object(AIOKafkaClient, "send", send_and_note)


def _kind_of(request: object, answer: Any) -> str:  # noqa: ANN401 - aiokafka has no types for answers
    kind = type(request).__name__.removesuffix("Request")
    if kind == "Fetch" and not any(part[-1] for _, parts in answer.topics for part in parts):
        return EMPTY
    return kind


if __name__ == "__main__":
    with (
        Path(os.environ["TEST_REQUESTS"]).open("a", buffering=1) as requests,
        count_requests(lambda kind: requests.write(f"{kind}\n")),
    ):
        sys.argv = ["joblog", *os.environ["TEST_COMMAND"].split()]
        main()
