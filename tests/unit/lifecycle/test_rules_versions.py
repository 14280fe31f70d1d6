"""Rules that once decided are still there for the history that they decided."""

from collections.abc import Mapping

import pytest

from joblog.lifecycle.decisions import Context, Decision, Rules
from joblog.lifecycle.errors import UnknownRulesError
from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.rules import VERSIONS, rules_of
from joblog.lifecycle.rules_v1 import RulesV1
from joblog.schemas.models import JobDispatched, JobEvent, RulesActivated
from joblog.schemas.state import JobRow
from tests.unit.lifecycle.partition_log import CODEC, TOPIC, DictView, PartitionLog


class RulesV2:
    """Rules of these tests: what is submitted from now on is dispatched with the highest priority."""

    def __init__(self) -> None:
        first = RulesV1()
        self._decide = first.decide
        self.dispatch = first.dispatch
        self.elapse = first.elapse
        self.restore = first.restore
        self.give_up = first.give_up
        self.wake_at = first.wake_at

    def decide(self, row: JobRow | None, event: JobEvent, context: Context) -> Decision:
        decision = self._decide(row, event, context)
        if row is None and decision.row is not None:
            opening = decision.row.opening.reopened(priority=9)
            return decision._replace(row=decision.row._replace(opening=opening))
        return decision


BOTH: Mapping[int, Rules] = {**VERSIONS, 2: RulesV2()}


def activate(log: PartitionLog, rules: int) -> None:
    log.append(RulesActivated(**log.head(), rules=rules))


def decided_by_both() -> PartitionLog:
    log = PartitionLog(BOTH)
    log.limit(dispatch_window=1)
    log.announce("mail")
    for job_id in ("a", "b"):
        log.submit(job_id, priority=3)
    activate(log, 2)
    log.submit("c", priority=3)
    log.commit()
    log.succeed("a")
    log.succeed("c")
    log.commit()
    return log


def test_each_record_is_decided_by_the_rules_in_force_before_it() -> None:
    log = decided_by_both()
    assert [event.job_id for event in log.emitted(JobDispatched)] == ["a", "c", "b"]
    assert [log.row(job_id).opening.priority for job_id in "acb"] == [3, 9, 3]


def test_the_history_of_both_replays_to_the_same_bytes() -> None:
    log = decided_by_both()
    view = DictView()
    fold = PartitionFold(TOPIC, 0, view, BOTH)
    emissions = [emission for record in log.records for emission in fold.apply(record).emissions]
    view.write(fold.freeze())
    assert emissions == log.emissions
    assert view.entries == log.view.entries


def test_the_old_rules_alone_decide_the_old_history_as_they_did() -> None:
    log = decided_by_both()
    activation = next(
        record.offset
        for record in log.records
        if isinstance(CODEC.decode(record.value or b""), RulesActivated)
    )
    fold = PartitionFold(TOPIC, 0, DictView(), VERSIONS)
    old = log.records[:activation]
    emissions = [emission for record in old for emission in fold.apply(record).emissions]
    assert emissions == [e for e in log.emissions if e.key == b"a"]
    with pytest.raises(UnknownRulesError):
        fold.apply(log.records[activation])


def test_rules_that_this_program_lacks_end_it_before_it_decides() -> None:
    log = PartitionLog()
    with pytest.raises(UnknownRulesError) as unknown:
        activate(log, 2)
    assert (unknown.value.rules, unknown.value.known) == (2, (1,))
    assert "rules version 2" in str(unknown.value)


def test_a_state_of_rules_that_this_program_lacks_is_not_gone_on_with() -> None:
    log = decided_by_both()
    with pytest.raises(UnknownRulesError):
        PartitionFold(TOPIC, 0, log.view)


def test_the_rules_in_force_outlive_the_owner() -> None:
    log = decided_by_both()
    log.reopen()
    assert log.fold.knowledge.rules == 2
    log.submit("d", priority=1)
    assert log.row("d").opening.priority == 9


def test_rules_never_go_back() -> None:
    log = decided_by_both()
    activate(log, 1)
    assert log.fold.knowledge.rules == 2


def test_every_version_up_to_the_newest_is_there() -> None:
    assert sorted(VERSIONS) == list(range(1, max(VERSIONS) + 1))
    assert rules_of(1) is VERSIONS[1]
