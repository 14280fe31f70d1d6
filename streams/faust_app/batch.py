"""Many records as one Faust message: Faust's cost is for each message, about 45 µs."""

from typing import NamedTuple, cast

import faust
from faust.types import AppT, Message

from joblog.streams.records import Inbound


class Batch(NamedTuple):
    """What one fetch brought of one partition, in the generation it was fetched in."""

    generation: int
    partition: int
    records: list[Inbound]


class BatchSchema(faust.Schema[None, Batch]):
    """Passes batches through as they are: decoding is the owner's business."""

    def loads_key(self, app: AppT, message: Message, **_: object) -> None:
        """Return None: a batch has no key."""
        del app, message

    def loads_value(self, app: AppT, message: Message, **_: object) -> Batch:
        """Return the batch."""
        del app
        return cast("Batch", message.value)
