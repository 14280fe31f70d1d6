"""One job that fails once: ten events, each as its author would write it after those before it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from benchmarks.preparation.shapes import RETRY_MS, Made, Shape, Shapes
from joblog.lifecycle.outputs import Destination


class Place(NamedTuple):
    """Where a record stands, and its log time in ms."""

    topic: str
    partition: int
    offset: int
    now: int


class Answer(NamedTuple):
    """What the scheduler puts out, and where to."""

    destination: Destination
    record: Made


class Story:
    """A job on its way.

    Args:
        job_id: the job.
        shapes: what its events look like.
    """

    def __init__(self, job_id: str, shapes: Shapes) -> None:
        self._job_id = job_id
        self.key = job_id.encode()
        self._shapes = shapes
        self._submission = b""
        self._submitted_at = 0
        self._attempt = 0
        self._due = 0
        self._reports = 0
        self._answer_id = ""
        self._answer_at: Place

    def next(self, step: int, time: int) -> Made:
        """Return the next record on the events topic; `time` is its author's, in ms."""
        return STEPS[step](self, time)

    def answer(self, step: int, at: Place) -> Answer | None:
        """Return the scheduler's answer to a record that stands at a place, None where there is none."""
        self._answer_id = f"{at.partition}-{at.offset}-0"
        cause = {"topic": at.topic, "partition": at.partition, "offset": at.offset, "index": 0}
        if STEPS[step] is Story._failed:
            self._due = at.now + RETRY_MS
            shape, fields = self._shapes.retry, {"due": self._due}
            return Answer(Destination.DELAY, self._decided(shape, at, cause=cause, **fields))
        if STEPS[step] not in {Story._submitted, Story._elapsed}:
            return None
        self._attempt, self._reports = self._attempt + 1, 0
        self._submitted_at = self._submitted_at or at.now
        dispatched = self._decided(
            self._shapes.dispatched,
            at,
            cause=cause,
            attempt=self._attempt,
            submitted_at=self._submitted_at,
            submission=self._submission,
        )
        return Answer(Destination.WORK, dispatched)

    def answered(self, at: Place) -> None:
        """Take note of where the answer stands."""
        self._answer_at = at

    def _submitted(self, time: int) -> Made:
        made = self._shapes.submitted.made(self._job_id[::-1], time, job_id=self._job_id)
        self._submission = made.value
        return made

    def _started(self, time: int) -> Made:
        return self._reported(self._shapes.started, "started", time, started_at=time)

    def _failed(self, time: int) -> Made:
        return self._reported(self._shapes.failed, "failed", time, started_at=time)

    def _elapsed(self, time: int) -> Made:
        event_id = f"{self._answer_id}-elapsed"
        fields = {"cause": self._cause(), "due": self._due}
        return self._shapes.elapsed.made(event_id, time, job_id=self._job_id, **fields)

    def _heartbeat(self, time: int) -> Made:
        return self._reported(self._shapes.heartbeat, "heartbeat-1", time)

    def _succeeded(self, time: int) -> Made:
        return self._reported(self._shapes.succeeded, "succeeded", time, started_at=time)

    def _decided(self, shape: Shape, at: Place, **fields: Any) -> Made:  # noqa: ANN401 - of any event
        return shape.made(self._answer_id, at.now, job_id=self._job_id, **fields)

    def _reported(self, shape: Shape, word: str, time: int, **fields: Any) -> Made:  # noqa: ANN401
        fields |= {"cause": self._cause(), "attempt": self._attempt}
        self._reports += 1
        return shape.made(f"{self._answer_id}-{word}", time, job_id=self._job_id, **fields)

    def _cause(self) -> dict[str, Any]:
        at, index = self._answer_at, self._reports
        return {"topic": at.topic, "partition": at.partition, "offset": at.offset, "index": index}


STEPS: Final[tuple[Callable[[Story, int], Made], ...]] = (
    Story._submitted,  # noqa: SLF001 - its own
    Story._started,  # noqa: SLF001
    Story._failed,  # noqa: SLF001
    Story._elapsed,  # noqa: SLF001
    Story._started,  # noqa: SLF001
    Story._heartbeat,  # noqa: SLF001
    Story._succeeded,  # noqa: SLF001
)
"""The events of a job on the events topic."""

EVENTS: Final = len(STEPS) + 3
"""All its events: with two dispatches and a retry."""
