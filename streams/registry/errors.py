"""What keeps joblog and a schema registry apart. Each message holds the value, the rule and the fix."""

from typing import Final

from joblog.schemas.errors import JoblogError


class RegistryUnavailableError(JoblogError):
    """The schema registry does not answer, is overloaded or fails, or does not let this client in.

    Attributes:
        url: where it was looked for.
        reason: what it, or the network, says.
        may_pass: True: it may answer later.
    """

    may_pass: Final = True

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        self.reason = reason
        super().__init__(
            f"no schema registry at {url} ({reason}): start it, or mend JOBLOG_REGISTRY__URL, "
            "JOBLOG_REGISTRY__USERNAME and JOBLOG_REGISTRY__PASSWORD"
        )


class RegistryRefusedError(JoblogError):
    """The schema registry refuses a request for another reason than compatibility.

    Attributes:
        request: method and path.
        status: its HTTP status.
        reason: what it says.
        code: the registry's own code of the error; None where the answer is none of a registry's.
    """

    def __init__(self, request: str, status: int, reason: str, code: int | None = None) -> None:
        self.request = request
        self.status = status
        self.reason = reason
        self.code = code
        super().__init__(
            f"the schema registry answers {request} with {status:d} ({reason}): joblog speaks the API of "
            "Confluent's registry, version 1; see that the URL names it and that the user may do this"
        )

    @property
    def may_pass(self) -> bool:
        """Whether another answer may come later: no registry has answered, but a proxy or another service."""
        return self.code is None


class IncompatibleSubjectError(JoblogError):
    """A schema is not compatible with the versions that its subject has.

    Attributes:
        subject: the subject.
        reason: what the registry says.
    """

    def __init__(self, subject: str, reason: str) -> None:
        self.subject = subject
        self.reason = reason
        super().__init__(
            f"the schema registry refuses a version of {subject} ({reason}): give new fields a default, or "
            "give the record another name"
        )


class UnusableSchemaError(JoblogError):
    """A registered schema is none that joblog can read values by.

    Attributes:
        schema_id: its id in the registry.
        detail: what is wrong with it.
    """

    def __init__(self, schema_id: int, detail: str) -> None:
        self.schema_id = schema_id
        self.detail = detail
        super().__init__(
            f"schema {schema_id} of the registry {detail}: write with an Avro schema that refers to no other"
        )


class NotConfluentFramedError(JoblogError):
    """A value has no schema id of a registry.

    Attributes:
        size: its size, bytes.
        beginning: its first bytes.
    """

    def __init__(self, value: bytes) -> None:
        self.size = len(value)
        self.beginning = value[:5]
        super().__init__(
            f"{self.size} bytes that begin with {self.beginning.hex() or 'nothing'}: here a value is 00, the "
            "schema's id in 4 bytes (big-endian, the first bit 0), and the Avro body, as serializers of a schema "
            "registry write it"
        )
