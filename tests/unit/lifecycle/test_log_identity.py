"""State belongs to the log that it was folded from."""

import pytest

from joblog.lifecycle.errors import WrongLogError
from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.records import Inbound
from joblog.schemas.models import JobDeadLettered, LogOpened, OwnerAnnounced
from tests.unit.lifecycle.partition_log import (
    CODEC,
    TOPIC,
    DictView,
    PartitionLog,
    submission,
)


def opening(log: PartitionLog, log_id: str = "log", partitions: int = 1) -> LogOpened:
    return LogOpened(**log.head(), log_id=log_id, partition=0, partitions=partitions)


def test_the_first_record_says_which_log_it_is() -> None:
    log = PartitionLog(partitions=4)
    assert (log.fold.knowledge.log_id, log.fold.knowledge.partitions) == ("log", 4)


def test_to_say_it_again_changes_nothing() -> None:
    log = PartitionLog()
    log.append(opening(log))
    assert log.fold.knowledge.log_id == "log"


@pytest.mark.parametrize("said", [{"log_id": "another"}, {"partitions": 8}])
def test_a_record_that_says_it_is_another_log_is_refused(said: dict[str, object]) -> None:
    log = PartitionLog()
    log.submit("job", "rare")
    log.reopen()
    log.append(opening(log).model_copy(update=said))
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "illegal"
    assert str(next(iter(said.values()))) in letter.detail
    assert (log.fold.knowledge.log_id, log.fold.knowledge.partitions) == ("log", 1)


def test_the_owner_can_ask_before_it_reads_a_record() -> None:
    log = PartitionLog()
    log.reopen()
    log.fold.knowledge.check_log("log")
    with pytest.raises(WrongLogError, match="'another'"):
        log.fold.knowledge.check_log("another")


def test_before_it_is_opened_it_has_as_many_partitions_as_a_record_needs() -> None:
    log = PartitionLog()
    fold = PartitionFold(TOPIC, 0, DictView())
    value = CODEC.encode(submission(log.head(), "job", "rare"))
    fold.apply(Inbound(TOPIC, 0, 0, log.now, b"job", value))
    assert fold.row("job") is not None


def test_who_owns_a_partition_is_not_said_in_the_log() -> None:
    log = PartitionLog()
    log.append(OwnerAnnounced(**log.head(), partition=0, url="http://127.0.0.1", epoch=1))
    (letter,) = log.emitted(JobDeadLettered)
    assert letter.reason == "illegal"
