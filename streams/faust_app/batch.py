"""Many records as one Faust message: Faust's cost is for each message, about 45 µs."""

from typing import NamedTuple, cast

import faust
from faust.types import AppT, Message

from joblog.streams.records import Inbound


class Batch(NamedTuple):
    """What one fetch brought of one partition.

    Attributes:
        generation: generation of the group that it was fetched in.
        partition: the partition.
        follows: the offset after the batch before, or the position that fetching began at.
        records: the records, at least one.
        size: bytes of their values.
    """

    generation: int
    partition: int
    follows: int
    records: list[Inbound]
    size: int


class BatchSchema(faust.Schema[None, Batch]):
    """Passes batches through as they are: decoding is the owner's business."""

    def loads_key(self, app: AppT, message: Message, **_: object) -> None:
        """Return None: a batch has no key."""
        del app, message

    def loads_value(self, app: AppT, message: Message, **_: object) -> Batch:
        """Return the batch."""
        del app
        return cast("Batch", message.value)
