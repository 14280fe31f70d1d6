"""The root of joblog's errors, and those about schemas and bytes.

Each message holds the value, the rule that it breaks and the fix; each value is an attribute too.
"""


class JoblogError(Exception):
    """Root of all errors that joblog raises on purpose."""


class UnknownSchemaError(JoblogError):
    """The bytes name a schema that has not been announced here yet.

    Attributes:
        fingerprint: CRC-64-AVRO fingerprint from the header, 8 bytes little-endian.
    """

    def __init__(self, fingerprint: bytes) -> None:
        self.fingerprint = fingerprint
        super().__init__(
            f"schema fingerprint {fingerprint.hex()} is unknown: a writer publishes its schemas to "
            "joblog.schemas before first use; publish it, or write with a schema from joblog.schemas.avro"
        )


class UndecodableError(JoblogError):
    """The bytes cannot be read as an event, whatever is announced later.

    Attributes:
        detail: what is wrong with them.
    """

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"not an event: {detail}; a value is Avro single-object encoding (C3 01, 8 bytes of "
            "fingerprint, body) of a schema of joblog.schemas.avro"
        )


class ConflictingSchemaError(JoblogError):
    """A schema has the fingerprint of a known one but other logical types.

    Attributes:
        name: full name of the schema.
        fingerprint: the shared fingerprint, 8 bytes little-endian.
    """

    def __init__(self, name: str, fingerprint: bytes) -> None:
        self.name = name
        self.fingerprint = fingerprint
        super().__init__(
            f"schema {name} has the fingerprint {fingerprint.hex()} of a known schema but other logical "
            "types: fingerprints ignore logical types, so a reader could not tell them apart; rename "
            "the schema or the field"
        )


class IncompatibleSchemaError(JoblogError):
    """Two versions of a schema cannot read each other as the contract demands.

    Attributes:
        name: full name of the schema.
        reader: version that reads.
        writer: version that wrote.
        detail: the first difference that cannot be resolved.
    """

    def __init__(self, name: str, reader: str, writer: str, detail: str) -> None:
        self.name = name
        self.reader = reader
        self.writer = writer
        self.detail = detail
        super().__init__(
            f"{name}: {reader} cannot read {writer} ({detail}); new fields need a default, and types "
            "may only change by Avro's promotions"
        )
