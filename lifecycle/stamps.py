"""Ids, times and causes of outputs: functions of the record that is decided, so that repeats are equal."""

from typing import TypedDict

from joblog.schemas.building import built
from joblog.schemas.models import Cause


class Stamp(TypedDict):
    """What each output's event takes from its cause."""

    event_id: str
    time: int
    cause: Cause


class Stamps:
    """Hands out the stamps of one record's outputs, in order."""

    def __init__(self, topic: str, partition: int, offset: int, now: int) -> None:
        """Begin with index 0; `now` is the log time in ms."""
        self._topic = topic
        self._partition = partition
        self._offset = offset
        self._now = now
        self._index = 0

    def next(self) -> Stamp:
        """Return the next stamp; the event id is `<partition>-<offset>-<index>`, unique in the log."""
        index = self._index
        self._index += 1
        return Stamp(
            event_id=f"{self._partition}-{self._offset}-{index}",
            time=self._now,
            cause=built(
                Cause,
                topic=self._topic,
                partition=self._partition,
                offset=self._offset,
                index=index,
            ),
        )
