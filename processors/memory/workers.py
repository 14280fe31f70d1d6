"""Workers in memory: each dispatch is handed to a function that says what the worker reports."""

from collections.abc import Callable, Iterable
from typing import Final

from joblog.schemas.codec import Codec
from joblog.schemas.models import Event, JobDispatched, JobEvent
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Inbound, Outbound
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/worker"

Work = Callable[[JobDispatched], Iterable[JobEvent]]
"""Given an attempt, returns the reports about it, in order; none, as if the worker had died."""


class MemoryWorkers:
    """The workers of all lanes. A dispatch that is put out again after a crash is not run again.

    Args:
        topics: the topics.
        work: what is reported about an attempt.
    """

    def __init__(self, topics: TopicMap, work: Work) -> None:
        self._topics = topics
        self._work = work
        self._codec = Codec()
        self._taken: dict[tuple[str, int], tuple[int, int]] = {}

    def run(self, record: Inbound) -> list[Outbound]:
        """Run the attempt in a record of a work topic, and return the reports about it."""
        event = self._codec.decode(record.value or b"")
        if not isinstance(event, JobDispatched):
            raise TypeError(
                f"{type(event).__name__} is no event of a work topic: remove its writer"
            )
        if self._is_repeated(record, event):
            return []
        return [self._report(record, report) for report in self._work(event)]

    def _is_repeated(self, record: Inbound, event: JobDispatched) -> bool:
        lane = record.topic, record.partition
        cause = event.cause.offset, event.cause.index
        if cause <= self._taken.get(lane, (-1, -1)):
            return True
        self._taken[lane] = cause
        return False

    def _report(self, dispatch: Inbound, report: Event) -> Outbound:
        name = type(report).__name__
        headers = headers_for(name, report.event_id, report.time, SOURCE, dispatch.traceparent)
        topic = self._topics.events.name
        return Outbound(
            topic, dispatch.partition, dispatch.key, self._codec.encode(report), headers
        )
