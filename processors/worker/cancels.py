"""Which jobs are to be cancelled, from the control topic."""

from collections import OrderedDict
from typing import Final

from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import JobCancelRequested
from joblog.streams.records import Inbound

REMEMBERED: Final = 100_000
"""Cancels that are remembered, the newest: a job whose cancel is forgotten runs, which it may."""


class Cancels:
    """Remembers the generation in which each job is to be cancelled."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        """Remember so many, the newest."""
        self._remembered = remembered
        self._generations: OrderedDict[str, int] = OrderedDict()
        self._codec = Codec()

    def learn(self, record: Inbound) -> JobCancelRequested | None:
        """Take in a record of the control topic; return what it asks for, None where nothing can be read."""
        if record.value is None:
            self._generations.pop((record.key or b"").decode("utf-8", "replace"), None)
            return None
        try:
            event = self._codec.decode(record.value)
        except (UndecodableError, UnknownSchemaError):
            return None
        if not isinstance(event, JobCancelRequested):
            return None
        self._generations[event.job_id] = event.generation
        self._generations.move_to_end(event.job_id)
        if len(self._generations) > self._remembered:
            self._generations.popitem(last=False)
        return event

    def has(self, job_id: str, generation: int) -> bool:
        """Return whether a generation of a job is to be cancelled."""
        return self._generations.get(job_id) == generation
