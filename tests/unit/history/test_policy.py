"""The retry policy in force, and the shortest delay that it leaves."""

from typing import Any

import pytest

from tests.history.partition_log import PartitionLog
from tests.history.policy import Policy, policy_at
from tests.history.records import At, Content, Event, Record

EXPONENTIAL = Policy(5, "exponential", 100, 2.0, 1_000, 0.0, None)
FIELDS: dict[str, Any] = EXPONENTIAL._asdict()


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (EXPONENTIAL, [100, 200, 400, 800, 1_000, 1_000]),
        (EXPONENTIAL._replace(backoff="fixed"), [100] * 6),
        (EXPONENTIAL._replace(jitter=0.25), [75, 150, 300, 600, 750, 750]),
        (EXPONENTIAL._replace(jitter=1.0), [0] * 6),
        (EXPONENTIAL._replace(initial_delay_ms=5_000), [1_000] * 6),
    ],
)
def test_the_shortest_delay_is_what_jitter_may_leave(policy: Policy, expected: list[int]) -> None:
    assert [policy.least_delay_ms(failures) for failures in range(1, 7)] == expected


def test_without_a_declared_type_there_is_no_policy() -> None:
    assert policy_at(_log([]), _submission(None), 9) is None


def test_the_types_policy_counts_where_the_submission_has_none() -> None:
    assert policy_at(_log([(1, 1, None)]), _submission(None), 9) == EXPONENTIAL


def test_the_submissions_policy_is_held_to_the_types_maximum() -> None:
    maximum = FIELDS | {"max_attempts": 2, "max_delay_ms": 50, "max_elapsed_ms": 7}
    own = FIELDS | {"backoff": "fixed", "max_elapsed_ms": 9}
    expected = Policy(2, "fixed", 100, 2.0, 50, 0.0, 7)
    assert policy_at(_log([(1, 1, maximum)]), _submission(own), 9) == expected


def test_only_a_higher_version_counts_and_only_from_where_it_stands() -> None:
    log = _log(
        [(1, 2, None), (3, 1, FIELDS | {"max_attempts": 1}), (5, 3, FIELDS | {"max_attempts": 3})]
    )
    found = [policy_at(log, _submission(FIELDS), offset) for offset in (0, 1, 4, 5)]
    assert [policy and policy.max_attempts for policy in found] == [None, 5, 5, 3]


def _log(announced: list[tuple[int, int, dict[str, Any] | None]]) -> PartitionLog:
    log = PartitionLog(0)
    for offset, version, maximum in announced:
        fields = {"type": "mail", "version": version, "lane": "default", "retry_policy": FIELDS}
        event = _event("TypeAnnounced", fields | {"maximum_retry_policy": maximum})
        log.announcements.take(event, offset)
    return log


def _submission(policy: dict[str, Any] | None) -> Record:
    event = _event("JobSubmitted", {"type": "mail", "retry_policy": policy})
    at, content = At("joblog.events", 0, 0), Content.of(b"a", b"", ())
    return Record(at, 0, has_log_time=True, content=content, event=event, problem="", decided_at=0)


def _event(name: str, fields: dict[str, Any]) -> Event:
    return Event(name, "e", "a", 1, 0, None, fields)
