"""The picture of a job's states, from the table of changes; only where things stand is said here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from joblog.lifecycle.states import IN_FLIGHT, TERMINAL, TRANSITIONS, WAITING, Status
from joblog.streams.documents.pictures.svg import (
    Box,
    Point,
    arrow,
    dot,
    named,
    picture,
    rectangle,
    words,
)

Source = Status | None
"""A state, or the submission."""

SUBMISSION: Final = Point(45, 270)

GROUPS: Final = {
    "waiting: no attempt is in flight": Box(120, 120, 350, 300),
    "in flight": Box(650, 120, 290, 300),
}

PLACES: Final = {
    Status.SCHEDULED: Box(140, 160, 120, 44),
    Status.PENDING: Box(335, 248, 115, 44),
    Status.BLOCKED: Box(290, 160, 105, 44),
    Status.RETRYING: Box(140, 350, 120, 44),
    Status.DISPATCHED: Box(690, 230, 120, 44),
    Status.RUNNING: Box(690, 350, 120, 44),
    Status.DEAD_LETTERED: Box(470, 24, 150, 44),
    Status.EXPIRED: Box(130, 530, 150, 44),
    Status.CANCELLED: Box(450, 530, 150, 44),
    Status.SUCCEEDED: Box(760, 530, 150, 44),
}


@dataclass(frozen=True)
class Change:
    """An arrow: all changes from some states to another one.

    Attributes:
        sources: from where; None is the submission.
        target: where to.
        path: the points that it goes through.
        label: where its events stand.
        anchor: which end of their lines stands there.
    """

    sources: frozenset[Source]
    target: Status
    path: tuple[Point, ...]
    label: Point
    anchor: str = "start"

    @property
    def events(self) -> list[str]:
        """The events that lead there, each with the states from which, where it is not from all."""
        found = []
        for event in dict.fromkeys(event for _, event in TRANSITIONS):
            having = [s for s in (None, *Status) if self._leads(s, event)]
            if having:
                some = "" if len(having) == len(self.sources) else ", ".join(map(str, having))
                found.append(f"{event} from {some}" if some else event)
        return found

    def _leads(self, source: Source, event: str) -> bool:
        return source in self.sources and self.target in TRANSITIONS.get((source, event), ())


def _one(
    source: Source, target: Status, *path: Point, label: Point, anchor: str = "start"
) -> Change:
    return Change(frozenset({source}), target, path, label, anchor)


CHANGES: Final = (
    _one(None, Status.SCHEDULED, Point(52, 264), Point(140, 186), label=Point(50, 172)),
    _one(None, Status.PENDING, Point(53, 270), Point(335, 270), label=Point(128, 264)),
    _one(
        None, Status.BLOCKED, Point(45, 262), Point(45, 100), Point(345, 100), Point(345, 160),
        label=Point(130, 96),
    ),
    _one(None, Status.EXPIRED, Point(45, 278), Point(45, 552), Point(130, 552), label=Point(51, 546)),
    _one(Status.SCHEDULED, Status.PENDING, Point(260, 196), Point(350, 248), label=Point(228, 236)),
    _one(Status.SCHEDULED, Status.BLOCKED, Point(260, 176), Point(290, 176), label=Point(262, 157)),
    _one(Status.BLOCKED, Status.PENDING, Point(380, 204), Point(380, 248), label=Point(384, 230)),
    _one(Status.RETRYING, Status.PENDING, Point(260, 366), Point(375, 292), label=Point(312, 350)),
    _one(Status.PENDING, Status.DISPATCHED, Point(450, 256), Point(690, 256), label=Point(482, 250)),
    _one(
        Status.DISPATCHED, Status.RUNNING, Point(750, 274), Point(750, 350), label=Point(758, 306)
    ),
    Change(
        IN_FLIGHT, Status.PENDING, (Point(650, 280), Point(450, 280)), label=Point(482, 296)
    ),
    Change(
        IN_FLIGHT, Status.RETRYING, (Point(650, 384), Point(260, 384)), label=Point(482, 400)
    ),
    _one(
        Status.PENDING, Status.DEAD_LETTERED, Point(435, 248), Point(515, 68),
        label=Point(484, 150),
    ),
    _one(
        Status.DEAD_LETTERED, Status.PENDING, Point(470, 54), Point(420, 54), Point(420, 248),
        label=Point(426, 96),
    ),
    _one(
        Status.DEAD_LETTERED, Status.BLOCKED, Point(470, 38), Point(375, 38), Point(375, 160),
        label=Point(368, 42), anchor="end",
    ),
    Change(
        IN_FLIGHT, Status.DEAD_LETTERED, (Point(790, 120), Point(790, 46), Point(620, 46)),
        label=Point(798, 50),
    ),
    Change(WAITING, Status.EXPIRED, (Point(205, 420), Point(205, 530)), label=Point(213, 462)),
    Change(WAITING, Status.CANCELLED, (Point(390, 420), Point(490, 530)), label=Point(420, 445)),
    Change(
        IN_FLIGHT, Status.CANCELLED, (Point(680, 420), Point(570, 530)), label=Point(655, 462)
    ),
    Change(IN_FLIGHT, Status.SUCCEEDED, (Point(850, 420), Point(850, 530)), label=Point(858, 480)),
)  # fmt: skip


def states_picture() -> str:
    """Return the picture."""
    return picture("The states of a job, and which event moves it on", 970, 600, _parts())


def _parts() -> Iterator[str]:
    for title, box in GROUPS.items():
        yield rectangle(box, "group")
        yield words(Point(box.x + 14, box.y + 22), [title])
    for change in CHANGES:
        yield arrow(*change.path)
        yield words(change.label, change.events, change.anchor)
    yield dot(SUBMISSION)
    for status, box in PLACES.items():
        yield named(box, _kind(status), status.value)


def _kind(status: Status) -> str:
    if status == Status.SUCCEEDED:
        return "good"
    return "bad" if status in TERMINAL else "plain"
