"""What a record to be written has to be, whatever it is written to; read ones are counted alike."""

from typing import Final

from joblog.lifecycle.records import LENGTHS, size_of_headers
from joblog.streams.records import Inbound, Outbound

HEADER_PARTS: Final = 2
"""Name and value."""


def check_types(record: Outbound) -> None:
    """Refuse what a batch takes no record with; one that is added may be on its way at once.

    Raises:
        TypeError: the key, the value or a header is not of its type.
    """
    parts: tuple[object, ...] = record  # compiled code would take the hints' word for each part
    key, value, headers = parts[2:]
    if key is not None and type(key) is not bytes:
        raise _wrong_type(record, "key", key, "bytes or None")
    if value is not None and type(value) is not bytes:
        raise _wrong_type(record, "value", value, "bytes or None")
    if type(headers) is not list:
        raise _wrong_type(record, "headers", headers, "a list")
    for header in headers:
        if (
            type(header) is not tuple
            or len(header) != HEADER_PARTS
            or type(header[0]) is not str
            or (header[1] is not None and type(header[1]) is not bytes)
        ):
            raise _wrong_type(record, "header", header, "a tuple of str and bytes or None")


def _wrong_type(record: Outbound, name: str, value: object, allowed: str) -> TypeError:
    kind = type(value).__name__
    if isinstance(value, tuple):
        kind += f" of {[type(part).__name__ for part in value]}"
    return TypeError(f"the {name} of a record for {record.topic} is a {kind}: make it {allowed}")


def size_of(record: Inbound | Outbound) -> int:
    """Return how many bytes a record takes at most: key, value, headers and their lengths.

    A record that was read takes as many when it is passed on. Null takes no more than its length.
    """
    size = len(record.key or b"") + len(record.value or b"") + LENGTHS
    return size + size_of_headers(record.headers)
