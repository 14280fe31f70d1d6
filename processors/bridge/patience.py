"""Waits for a schema registry that cannot answer for now: that is no fault of the record that needs it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import chain, repeat
from typing import Final

from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.registry.errors import RegistryRefusedError, RegistryUnavailableError

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 60.0
"""Longest trouble with the registry in one poll. With a request before it and one behind it, it stays below the
group's longest time between polls."""

PAUSES: Final = (0.5, 1, 2, 4, 8, 15)
"""Seconds until it is asked again; the last one is repeated."""

Look = Callable[[int], Awaitable[AvroSchema | None]]
"""Finds a registered schema by its id."""


class PatientLook:
    """Looks schemas up, again and again while the registry is away, overloaded or answers as none does.

    All records of a poll share its patience, which the first trouble begins to use up: however many ids they
    have, and however often the registry comes and goes, the group does not wait for each of them.

    Args:
        look: asks the registry once.
        stopping: is set when nobody waits for an answer any more.
        monotonic: seconds since some moment, never set back.
        pauses: seconds between the tries.
        patience: seconds from the first trouble of a poll until none is taken any more.
    """

    def __init__(
        self,
        look: Look,
        stopping: asyncio.Event,
        monotonic: Callable[[], float],
        pauses: Sequence[float] = PAUSES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._look = look
        self._stopping = stopping
        self._monotonic = monotonic
        self._pauses = pauses
        self._patience = patience
        self._ends: float | None = None

    def begin_poll(self) -> None:
        """Be as patient as ever again."""
        self._ends = None

    async def __call__(self, schema_id: int) -> AvroSchema | None:
        """Return the schema of an id, None where the registry has none.

        Raises:
            UnusableSchemaError: it is no Avro schema, or refers to others.
            RegistryRefusedError: the registry refuses this id; or what answers is still, or again, none.
            RegistryUnavailableError: the registry still, or again, does not answer.
        """
        pauses = chain(self._pauses, repeat(self._pauses[-1]))
        while True:
            try:
                return await self._look(schema_id)
            except (RegistryUnavailableError, RegistryRefusedError) as error:
                left = self._left()
                if not error.may_pass or left <= 0:
                    raise
                pause = min(next(pauses), left)
                logger.warning("schema %d is asked for again in %g s: %s", schema_id, pause, error)
                if await self._stopped_within(pause):
                    raise

    def _left(self) -> float:
        now = self._monotonic()
        if self._ends is None:
            self._ends = now + self._patience
        return self._ends - now

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()
