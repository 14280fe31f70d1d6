"""Workers in memory: each dispatch is handed to them once, and what they report goes into the log."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from joblog.schemas.codec import Codec
from joblog.schemas.models import Event, JobDispatched, JobEvent
from joblog.streams.cloudevents import headers_for
from joblog.streams.records import Inbound, Outbound
from joblog.streams.topics import TopicMap

SOURCE: Final = "/joblog/worker"

Work = Callable[[JobDispatched], Iterable[JobEvent]]
"""Given an attempt, returns the reports about it, in order; none, as if the worker had died."""


class Workers(Protocol):
    """The workers of all lanes."""

    def learn(self, record: Inbound) -> None:
        """Take in a record of the schemas topic."""
        ...

    async def run(self, record: Inbound, dispatch: JobDispatched) -> Sequence[Outbound]:
        """Run the attempt in a record of a work topic, and return the reports about it."""
        ...


class ScriptedWorkers:
    """Workers that report what a function says.

    Args:
        topics: the topics.
        work: what is reported about an attempt. Defaults to nothing, as from a lane without workers.
    """

    def __init__(self, topics: TopicMap, work: Work = lambda _: ()) -> None:
        self._topics = topics
        self._work = work
        self._codec = Codec()

    def learn(self, record: Inbound) -> None:
        """See `Workers`."""

    async def run(self, record: Inbound, dispatch: JobDispatched) -> Sequence[Outbound]:
        """See `Workers`."""
        return [self._report(record, report) for report in self._work(dispatch)]

    def _report(self, dispatch: Inbound, report: Event) -> Outbound:
        name = type(report).__name__
        headers = headers_for(name, report.event_id, report.time, SOURCE, dispatch.traceparent)
        topic = self._topics.events.name
        return Outbound(
            topic, dispatch.partition, dispatch.key, self._codec.encode(report), headers
        )


class Dispatches:
    """Reads dispatches; one that is put out again after a crash is not handed out again."""

    def __init__(self) -> None:
        self._codec = Codec()
        self._taken: dict[tuple[str, int], tuple[int, int]] = {}

    def new(self, record: Inbound) -> JobDispatched | None:
        """Return the dispatch in a record of a work topic, None where it came before."""
        event = self._codec.decode(record.value or b"")
        if not isinstance(event, JobDispatched):
            raise TypeError(
                f"{type(event).__name__} is no event of a work topic: remove its writer"
            )
        place = record.topic, record.partition
        cause = event.cause.offset, event.cause.index
        if cause <= self._taken.get(place, (-1, -1)):
            return None
        self._taken[place] = cause
        return event
