"""What JSON payloads of a job type have to look like: its workers have said it."""

from typing import NamedTuple

from joblog.cli.errors import UnknownTypeError
from joblog.client import Client
from joblog.client.json_form import JsonForm
from joblog.client.payloads import Payload
from joblog.schemas.avro_schema import AvroSchema


class PayloadForm(NamedTuple):
    """The schema that new payloads of a job type are written with, and its JSON."""

    type: str
    schema: AvroSchema
    form: JsonForm

    @property
    def field_names(self) -> frozenset[str]:
        """The names of a payload's fields."""
        return frozenset(field["name"] for field in self.schema.definition.get("fields", ()))

    def payload(self, document: str | bytes) -> Payload:
        """Return the payload in a JSON document.

        Raises:
            JsonMismatchError: it is no JSON, or does not fit the schema.
        """
        return Payload(self.schema, self.form.to_avro(document))


async def payload_form(client: Client, type_: str) -> PayloadForm:
    """Return the form of a job type's payloads.

    Raises:
        UnknownTypeError: no worker has declared the type.
        KafkaUnavailableError: no broker answers.
    """
    declared = client.declared_types.get(type_)
    schemas = await client.announced_schemas()
    known = [] if declared is None else [f for f in declared.payload_schemas if f in schemas]
    if not known:
        raise UnknownTypeError(type_, tuple(sorted(client.declared_types)))
    return PayloadForm(type_, schemas[known[0]], JsonForm(schemas[known[0]]))
