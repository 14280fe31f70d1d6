"""Waits for a schema registry that cannot answer for now: that is no fault of the record that needs it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.registry.errors import RegistryRefusedError, RegistryUnavailableError

logger = logging.getLogger(__name__)

PAUSES: Final = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds until it is asked again; with its timeouts they stay below the group's longest time between polls."""

Look = Callable[[int], Awaitable[AvroSchema | None]]
"""Finds a registered schema by its id."""


class PatientLook:
    """Looks schemas up, again and again while the registry is away, overloaded or answers as none does.

    Args:
        look: asks the registry once.
        stopping: is set when nobody waits for an answer any more.
        pauses: seconds between the tries.
    """

    def __init__(
        self, look: Look, stopping: asyncio.Event, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._look = look
        self._stopping = stopping
        self._pauses = pauses

    async def __call__(self, schema_id: int) -> AvroSchema | None:
        """Return the schema of an id, None where the registry has none.

        Raises:
            UnusableSchemaError: it is no Avro schema, or refers to others.
            RegistryRefusedError: the registry refuses this id; or what answers is still none.
            RegistryUnavailableError: the registry still does not answer.
        """
        for pause in self._pauses:
            try:
                return await self._look(schema_id)
            except (RegistryUnavailableError, RegistryRefusedError) as error:
                if not error.may_pass:
                    raise
                logger.warning("schema %d is asked for again in %g s: %s", schema_id, pause, error)
                if await self._stopped_within(pause):
                    raise
        return await self._look(schema_id)

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()
