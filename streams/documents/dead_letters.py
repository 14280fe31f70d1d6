"""docs/dead-letters.md, from the list of reasons."""

from typing import Final

from joblog.lifecycle.reasons import Reason
from joblog.streams.documents.markdown import code, document, table
from joblog.streams.documents.words import meanings

_INTRODUCTION: Final = """\
What fails for good is put on `<namespace>.dlq` as `JobDeadLettered`, at the same partition number,
and nothing around it is delayed, except later jobs of its ordering key ([ordered.md](ordered.md)). The
event holds the original record byte for byte (topic, partition, offset, key, value, headers), the reason,
and a detail with the value, the rule and the fix."""
_HEADERS: Final = """\
For a job the original is its submission: the value as the producer wrote it, and its headers other
than CloudEvents attributes, which follow from the value. For a record that could not be read it is
that record with all its headers. Where the whole would be larger than `limits.max_dead_letter_bytes`,
the value is left out and the detail says where it stands."""
_KAFKA_HEADERS: Final = """\
Beside CloudEvents attributes a dead letter has the headers that Spring for Apache Kafka gives its own,
so that tools which know those show these: `kafka_dlt-original-topic`, `kafka_dlt-original-partition`
(a big-endian 32-bit number), `kafka_dlt-original-offset` and `kafka_dlt-original-timestamp` (64-bit),
`kafka_dlt-original-timestamp-type`, `kafka_dlt-exception-fqcn` (the failure's type, else the reason)
and `kafka_dlt-exception-message` (the beginning of the detail)."""
_REMEDIES: Final = """\
`joblog dlq list` shows them, `joblog dlq show` one with its original. `joblog dlq redrive` opens the
next generation of a job, or writes any other record again to the topic and partition where it stood,
once its cause is mended; `joblog dlq discard` marks a job's dead letter as dealt with."""


def dead_letters_document() -> str:
    """Return the document."""
    meaning = meanings(Reason)
    reasons = table(("Reason", "Meaning"), [(code(reason), meaning[reason]) for reason in Reason])
    return document(
        "Dead letters",
        _INTRODUCTION,
        _HEADERS,
        _KAFKA_HEADERS,
        "## Reasons",
        reasons,
        "## Remedies",
        _REMEDIES,
    )
