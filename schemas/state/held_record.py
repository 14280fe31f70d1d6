"""A record that waits for its schema."""

from typing import NamedTuple, Self

from joblog.schemas.models import OriginalRecord
from joblog.schemas.state.tables import read, write


class HeldRecord(NamedTuple):
    """A record of unknown schema that waits, until `wake_at`, for its announcement."""

    original: OriginalRecord
    fingerprint: bytes
    wake_at: int

    def encode(self) -> bytes:
        """Return the framed record."""
        return write("HeldRecord", {**self._asdict(), "original": self.original.model_dump()})

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """Return the held record in a framed value."""
        datum = read("HeldRecord", value)
        return cls(OriginalRecord(**datum["original"]), datum["fingerprint"], datum["wake_at"])
