"""Whether the log is still there is told by the id of its topic."""

from uuid import UUID

import pytest

from joblog.streams.errors import LogGoneError
from joblog.streams.kafka.topic_metadata import TopicMetadata
from joblog.streams.kafka.topic_watch import Found, LogIdentity
from joblog.streams.settings import Settings

LOG, OTHER = UUID(int=1), UUID(int=2)


def found(topic_id: UUID | None) -> Found:
    if topic_id is None:
        return {}
    one = TopicMetadata(topic_id, 4, has_leaders=True, copies=1, in_sync=1, operations=None)
    return {"t.events": one}


@pytest.fixture
def identity() -> LogIdentity:
    return LogIdentity(Settings(namespace="t"), str(LOG))


def test_the_log_is_there_while_its_topic_has_its_id(identity: LogIdentity) -> None:
    assert identity.check(found(LOG))
    assert identity.check(found(LOG))


def test_a_topic_of_another_id_is_another_log(identity: LogIdentity) -> None:
    with pytest.raises(LogGoneError, match="was made anew") as gone:
        identity.check(found(OTHER))
    assert (gone.value.log_id, gone.value.found) == (str(LOG), str(OTHER))


def test_a_log_is_gone_once_it_is_missed_twice(identity: LogIdentity) -> None:
    assert not identity.check(found(None))
    assert identity.check(found(LOG))
    assert not identity.check(found(None))
    with pytest.raises(LogGoneError, match="was deleted") as gone:
        identity.check(found(None))
    assert gone.value.found is None
