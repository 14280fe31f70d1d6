"""Which jobs are to be cancelled, from what stands on the control topic."""

from joblog.processors.worker.cancels import Cancels
from joblog.schemas.models import JobCancelRequested
from joblog.streams.records import Inbound
from tests.unit.worker.making import CODEC, dispatch


def request(job_id: str, generation: int = 1) -> JobCancelRequested:
    return JobCancelRequested(
        event_id="e", time=1, job_id=job_id, generation=generation, requested_by="me"
    )


def control(key: bytes | None, value: bytes | None) -> Inbound:
    return Inbound("t.control", 0, 0, 1, key, value)


def record(event: JobCancelRequested) -> Inbound:
    return control(event.key, CODEC.encode(event))


def test_a_cancel_is_for_one_generation() -> None:
    cancels = Cancels()
    assert cancels.learn(record(request("a", 2))) == request("a", 2)
    assert cancels.has("a", 2)
    assert not cancels.has("a", 1)
    assert not cancels.has("b", 2)


def test_a_tombstone_ends_it() -> None:
    cancels = Cancels()
    cancels.learn(record(request("a")))
    assert cancels.learn(control(b"a", None)) is None
    assert not cancels.has("a", 1)
    assert cancels.learn(control(None, None)) is None


def test_what_is_no_cancel_is_as_good_as_none() -> None:
    cancels = Cancels()
    assert cancels.learn(control(b"a", b"garbage")) is None
    assert cancels.learn(control(b"job-0", CODEC.encode(dispatch()))) is None
    assert not cancels.has("job-0", 1)


def test_the_newest_are_remembered() -> None:
    cancels = Cancels(remembered=2)
    for name in ("a", "b", "a", "c"):
        cancels.learn(record(request(name)))
    assert [cancels.has(name, 1) for name in "abc"] == [True, False, True]
