"""Topics that a partition's log says are others than before: their records are gone."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.history.records import Event


class Lost(NamedTuple):
    """A topic that was made anew.

    Attributes:
        topic: its name without the namespace.
        offset: of the record that says so.
        log_time: at that offset, ms.
    """

    topic: str
    offset: int
    log_time: int


class LostTopics:
    """Takes up what a partition is told of topics, in the order of the log."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._lost: list[Lost] = []

    def __iter__(self) -> Iterator[Lost]:
        """Yield the topics that were lost, in order."""
        return iter(self._lost)

    def take(self, event: Event, offset: int, log_time: int) -> None:
        """Take up an event that was decided at an offset, if it is about topics."""
        if event.name != "TopicsAnnounced":
            return
        for topic, id_ in event.fields["topics"].items():
            if self._ids.get(topic, id_) != id_:
                self._lost.append(Lost(topic, offset, log_time))
            self._ids[topic] = id_

    def has_lost(self, family: str, put_out_at: int, offset: int) -> bool:
        """Return whether what was put out at a log time is lost, as is known below an offset.

        Args:
            family: `work.` and a lane, or `delay.`: which tier a record has come to is not known.
            put_out_at: the log time, ms.
            offset: the offset.
        """
        return any(
            lost.topic.startswith(family) and lost.offset < offset and put_out_at <= lost.log_time
            for lost in self._lost
        )
