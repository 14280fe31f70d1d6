"""Publishes the schemas of payloads before their first use."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.errors import ConflictingSchemaError

Read = Callable[[], Awaitable[Mapping[bytes, AvroSchema]]]
Publish = Callable[[Sequence[AvroSchema]], Awaitable[object]]


class PayloadSchemas:
    """The schemas that are announced, as far as one client knows them.

    Args:
        read: gives those that are announced now, by fingerprint.
        publish: announces some, and returns once they are acknowledged.
    """

    def __init__(self, read: Read, publish: Publish) -> None:
        self._read = read
        self._publish = publish
        self._known: dict[bytes, AvroSchema] = {}
        self._compared: dict[bytes, AvroSchema] = {}
        self._announcing = asyncio.Lock()

    async def refreshed(self) -> Mapping[bytes, AvroSchema]:
        """Return what is announced now, by fingerprint.

        Raises:
            KafkaUnavailableError: no broker answers.
        """
        found = await self._read()
        self._known = {**self._known, **found}
        return found

    async def having(self, fingerprint: bytes) -> Mapping[bytes, AvroSchema]:
        """Return what is known, read anew if a schema is not among it.

        Raises:
            KafkaUnavailableError: no broker answers.
        """
        if fingerprint not in self._known:
            await self.refreshed()
        return self._known

    async def announce(self, schemas: Iterable[AvroSchema]) -> None:
        """Announce those that nobody has announced; each is compared once with those that are.

        Raises:
            ConflictingSchemaError: one has the fingerprint of another one but other logical types.
            KafkaUnavailableError: no broker answers.
            UnconfirmedError: they were not acknowledged.
        """
        wanted: dict[bytes, AvroSchema] = {}
        for schema in schemas:
            if self._compared.get(schema.fingerprint) is not schema:
                _refuse_conflict(wanted.setdefault(schema.fingerprint, schema), schema)
        if wanted:
            async with self._announcing:  # calls that overlap read the topic once, not once each
                await self._announce(wanted)

    async def _announce(self, wanted: Mapping[bytes, AvroSchema]) -> None:
        if not wanted.keys() <= self._known.keys():
            await self.refreshed()
        for fingerprint, schema in wanted.items():
            _refuse_conflict(self._known.get(fingerprint, schema), schema)
        new = [schema for fingerprint, schema in wanted.items() if fingerprint not in self._known]
        if new:
            await self._publish(new)
            self._known.update((schema.fingerprint, schema) for schema in new)
        self._compared.update(wanted)


def _refuse_conflict(known: AvroSchema, schema: AvroSchema) -> None:
    if known is not schema and known.logical_types() != schema.logical_types():
        raise ConflictingSchemaError(schema.name, schema.fingerprint)
