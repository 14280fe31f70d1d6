"""A dead letter, and which ones are meant."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from joblog.lifecycle.records import Inbound
from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import Event, JobDeadLettered, JobSubmitted

_CODEC: Final = Codec()


@dataclass(frozen=True)
class DeadLetter:
    """A record of the dead-letter topic.

    Attributes:
        partition: its partition, which is its job's.
        offset: its offset.
        timestamp: its log time, ms.
        event: what it says.
    """

    partition: int
    offset: int
    timestamp: int
    event: JobDeadLettered

    @property
    def reference(self) -> str:
        """What names it, whether it has a job or not."""
        return f"{self.partition}@{self.offset}"

    @cached_property
    def original(self) -> Event | None:
        """The event in its original record, None where that cannot be read."""
        value = self.event.original.value
        if value is None:
            return None
        try:
            return _CODEC.decode(value)
        except (UndecodableError, UnknownSchemaError):
            return None

    @property
    def type(self) -> str | None:
        """The job type, where its original is a submission."""
        return self.original.type if isinstance(self.original, JobSubmitted) else None


@dataclass(frozen=True)
class Selection:
    """Which dead letters are meant; what is None leaves all in.

    Attributes:
        reference: one by `<partition>@<offset>`, or all of one job id.
        reason: those of a reason.
        type: those of a job type.
    """

    reference: str | None = None
    reason: str | None = None
    type: str | None = None

    def has(self, letter: DeadLetter) -> bool:
        """Return whether a dead letter is meant."""
        return (
            self.reference in {None, letter.event.job_id, letter.reference}
            and self.reason in {None, letter.event.reason}
            and (self.type is None or self.type == letter.type)
        )


def letter_of(record: Inbound) -> DeadLetter | None:
    """Return the dead letter in a record of its topic, None where it is none."""
    if record.value is None:
        return None
    try:
        event = _CODEC.decode(record.value)
    except (UndecodableError, UnknownSchemaError):
        return None
    if not isinstance(event, JobDeadLettered):
        return None
    return DeadLetter(record.partition, record.offset, record.timestamp, event)
