"""A topic that was made anew, and how far what stood on it is put out again."""

from typing import NamedTuple, Self

from joblog.schemas.state.tables import read, write


class LostTopic(NamedTuple):
    """A work or delay topic whose records are gone. Times are ms of log time.

    Attributes:
        topic: its name without the namespace.
        since: what was put out later stands on the new topic.
        wake_at: from when on jobs are looked through.
        behind: id of the last job that was looked at.
    """

    topic: str
    since: int
    wake_at: int
    behind: str = ""

    def encode(self) -> bytes:
        """Return the framed record."""
        return write("LostTopic", self._asdict())

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the lost topic in a framed value."""
        return cls(**read("LostTopic", value))
