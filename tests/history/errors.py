"""What can go wrong while a history is read or judged; a violation is no error but a finding."""


class HistoryError(Exception):
    """Root of the checker's errors."""


class UndecodableValueError(HistoryError):
    """A value is no Avro datum of the contract.

    Attributes:
        detail: what is wrong with the bytes.
    """

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"not an Avro datum of the contract: {detail}")


class UnknownFingerprintError(HistoryError):
    """A value names a schema that is neither in the schema files nor announced so far.

    Attributes:
        fingerprint: CRC-64-AVRO fingerprint from the header, 8 bytes little-endian.
    """

    def __init__(self, fingerprint: bytes) -> None:
        self.fingerprint = fingerprint
        super().__init__(f"the schema fingerprint {fingerprint.hex()} is unknown so far")


class MissingTopicError(HistoryError):
    """A topic without which nothing can be judged does not exist.

    Attributes:
        topic: its name.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"topic {topic!r} does not exist: is the namespace right?")


class MalformedLineError(HistoryError):
    """A line of a file that is judged is not what the file has to hold.

    Attributes:
        path: the file.
        line: the line.
        reason: what is wrong with it.
    """

    def __init__(self, path: str, line: str, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}: {line!r} is malformed: {reason}")


class UnsoundHistoryError(HistoryError, AssertionError):
    """A history breaks rules; the message is a table of the violations."""
