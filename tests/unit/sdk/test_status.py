"""What the status of a log asks of Kafka."""

from typing import Any, cast

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupLoadInProgressError,
    KafkaError,
)

from joblog.client.status import group_names

SECONDS = 60.0


class Admin:
    """Answers as it is told, one answer after the other; the last one again and again."""

    def __init__(self, *answers: list[tuple[str, str]] | KafkaError) -> None:
        self.answers = list(answers)

    async def list_consumer_groups(self) -> list[tuple[str, str]]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KafkaError):
            raise answer
        return answer


def admin_of(*answers: Any) -> AIOKafkaAdminClient:  # noqa: ANN401 - as above
    return cast("AIOKafkaAdminClient", Admin(*answers))


async def test_a_broker_that_still_loads_its_groups_is_asked_again() -> None:
    loading = GroupLoadInProgressError()
    admin = admin_of(loading, loading, [("b", "consumer"), ("a", "consumer")])
    assert await group_names(admin, SECONDS) == ["a", "b"]


async def test_it_is_not_asked_for_ever() -> None:
    with pytest.raises(GroupLoadInProgressError):
        await group_names(admin_of(GroupLoadInProgressError()), 0)


async def test_a_refusal_is_final() -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await group_names(admin_of(GroupAuthorizationFailedError(), []), SECONDS)
