"""What decisions put out, before it has a topic name."""

from enum import StrEnum
from typing import NamedTuple

from joblog.schemas.models import Event


class Destination(StrEnum):
    """Where an output goes."""

    WORK = "work"
    """A work topic; the name is the lane."""
    DELAY = "delay"
    """A delay topic; the name is the tier."""
    DEAD_LETTERS = "dead_letters"
    """The dead-letter topic."""
    EVENTS = "events"
    """joblog.events itself: a fact that changes nothing when it is read back."""
    CONTROL = "control"
    """The topic that running workers follow."""


class Output(NamedTuple):
    """An event to put out.

    Attributes:
        destination: kind of topic.
        event: the event.
        name: the lane, where the destination is work; a delay's tier follows from its due time.
        traceparent: W3C trace context to pass on.
    """

    destination: Destination
    event: Event
    name: str = ""
    traceparent: str | None = None
