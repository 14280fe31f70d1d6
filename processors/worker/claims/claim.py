"""A claim as it is committed: the metadata of a group's offset.

Kafka keeps at most 4,096 bytes of metadata with an offset (`offset.metadata.max.bytes`). A Huffman code of
three states takes at most 2 bits for each, so the states of 8,192 records, the widest span of a ledger,
take at most 2.8 kB in base64, whatever they are. Searching for repetitions would not make that smaller.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from enum import IntEnum
from typing import Any, Final, NamedTuple, Self
from zlib import DEFLATED, Z_HUFFMAN_ONLY, compressobj, decompress
from zlib import error as ZlibError  # noqa: N812 - a class with a function's name

METADATA_BYTES: Final = 4_096
VERSION: Final = 1

Place = tuple[int, int]
"""Where a dispatch stands among all of its partition: offset and index of its cause."""


class RecordState(IntEnum):
    """State of one record of a work partition."""

    SETTLED = 0
    """Reported and acknowledged, or a repeat: nobody has to look at it again."""
    UNTOUCHED = 1
    """Read, but not claimed: whoever reads it next may run it."""
    CLAIMED = 2
    """Claimed: it may run or have run. Whoever reads it next reports it as lost."""


class Claim(NamedTuple):
    """What is said with a committed offset.

    Attributes:
        log_id: the log whose dispatches these are.
        worker: who claims.
        highest: the highest place of all dispatches below the claim's end; None before the first.
        states: a `RecordState` for each record from the offset (included) to the claim's end.
        topic_id: id of the work topic, None where the worker that wrote the claim knew none.
    """

    log_id: str
    worker: str
    highest: Place | None
    states: bytes
    topic_id: str | None = None

    def encode(self) -> str:
        """Return the metadata."""
        fields = {
            "v": VERSION,
            "log": self.log_id,
            "worker": self.worker,
            "topic": self.topic_id,
            "highest": self.highest,
            "states": b64encode(_compressed(self.states)).decode(),
        }
        return json.dumps(fields, separators=(",", ":"))

    @classmethod
    def decode(cls, metadata: str) -> Self:
        """Return the claim in metadata.

        Raises:
            ValueError: it is no claim of this version.
        """
        try:
            fields: dict[str, Any] = json.loads(metadata)
            if fields["v"] != VERSION:
                raise ValueError(f"version {fields['v']}, known is {VERSION}")
            highest = fields["highest"]
            states = decompress(b64decode(fields["states"], validate=True))
            if not set(states) <= set(RecordState):
                raise ValueError("states that there are none of")
            place = None if highest is None else (int(highest[0]), int(highest[1]))
            return cls(
                str(fields["log"]), str(fields["worker"]), place, states, fields.get("topic")
            )
        except (KeyError, TypeError, IndexError, Base64Error, ZlibError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def _compressed(states: bytes) -> bytes:
    level, window_bits, memory_level = (
        1,
        9,
        6,
    )  # small, since setting up more takes longer than to code
    coder = compressobj(level, DEFLATED, window_bits, memory_level, Z_HUFFMAN_ONLY)
    return coder.compress(states) + coder.flush()
