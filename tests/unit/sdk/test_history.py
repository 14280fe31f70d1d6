from collections.abc import Sequence
from itertools import permutations

from joblog.client.history import Entry, in_order, lacks_dispatches
from joblog.schemas.models import (
    AttemptFailed,
    Cause,
    Event,
    Failure,
    JobDispatched,
    JobSubmitted,
    RetryScheduled,
)

EVENTS, WORK, DELAY = "x.events", "x.work.default", "x.delay.1s"


def common(offset: int | None, index: int = 0) -> dict[str, object]:
    cause = None if offset is None else Cause(topic=EVENTS, partition=0, offset=offset, index=index)
    return {"event_id": "e", "time": 1, "job_id": "job", "cause": cause}


SUBMITTED = JobSubmitted.model_validate(
    {**common(None), "type": "t", "payload": b"", "payload_schema": b"12345678"}
)
FAILED = AttemptFailed.model_validate(
    {
        **common(None),
        "attempt": 1,
        "worker": "w",
        "started_at": 1,
        "failure": Failure(kind="error", type="E", message="m"),
    }
)


def dispatched(offset: int, index: int = 0) -> Event:
    return JobDispatched.model_validate(
        {
            **common(offset, index),
            "attempt": 1,
            "type": "t",
            "submitted_at": 1,
            "submission": b"",
        }
    )


def retry(offset: int) -> Event:
    return RetryScheduled.model_validate({**common(offset), "attempt": 2, "due": 9})


def assert_ordered(entries: Sequence[Entry]) -> None:
    for shuffled in permutations(entries):
        assert in_order(shuffled, EVENTS) == list(entries)


def test_outputs_follow_their_cause_whatever_the_clocks_say() -> None:
    assert_ordered(
        [
            Entry(EVENTS, 0, 10, 5_000, SUBMITTED),
            Entry(WORK, 0, 900, 4_990, dispatched(10)),
            Entry(EVENTS, 0, 12, 4_980, FAILED),
            Entry(DELAY, 0, 3, 5_000, retry(12)),
            Entry(DELAY, 0, 2, 5_001, retry(12)),
            Entry(WORK, 0, 901, 4_970, dispatched(15)),
        ]
    )


def test_what_names_no_cause_goes_by_its_time() -> None:
    assert_ordered(
        [
            Entry(WORK, 0, 1, 99, None),
            Entry(EVENTS, 0, 10, 100, SUBMITTED),
            Entry(WORK, 0, 2, 150, None),
            Entry(EVENTS, 0, 11, 200, FAILED),
        ]
    )


def test_whoever_sees_an_attempt_without_its_dispatch_is_told_that_it_is_gone() -> None:
    failed = Entry(EVENTS, 0, 4, 1, FAILED)
    assert lacks_dispatches([failed])
    assert not lacks_dispatches([failed, Entry(WORK, 0, 0, 1, dispatched(3))])
    assert not lacks_dispatches([Entry(EVENTS, 0, 3, 1, SUBMITTED)])
