"""Whether the order that a submission asks for can be kept where it stands."""

from joblog.lifecycle.decisions import Refusal
from joblog.lifecycle.partitioner import partition_of
from joblog.lifecycle.reasons import Reason
from joblog.lifecycle.records import Inbound
from joblog.schemas.models import JobEvent, JobSubmitted
from joblog.schemas.state.ordering import ordering_key_of


def order_refusal(event: JobEvent, record: Inbound, partitions: int) -> Refusal | None:
    """Return why a submission cannot follow others of its ordering key, None where it can or asks for no order.

    Args:
        event: an event that opens a job, or is about none.
        record: where it stands: the partition of its job id.
        partitions: how many the log has; 0 where that is not known yet.
    """
    if not isinstance(event, JobSubmitted) or event.ordering_key is None:
        return None
    detail = _problem(event, event.ordering_key, record, partitions)
    return None if detail is None else Refusal(Reason.ILLEGAL, detail)


def _problem(event: JobSubmitted, key: str, record: Inbound, partitions: int) -> str | None:
    if event.idempotency_key is not None:
        return (
            f"ordering key {key!r} and idempotency key {event.idempotency_key!r}: each asks for a partition "
            "of its own; submit with one of them"
        )
    if ordering_key_of(record.value or b"") is None:
        return (
            f"ordering key {key!r} in a schema of JobSubmitted that is none of joblog's: write it with "
            "version 2 of joblog.schemas.avro"
        )
    home = partition_of(key.encode(), partitions) if partitions else record.partition
    if home != record.partition:
        return (
            f"ordering key {key!r} belongs into partition {home}, and job id {event.job_id!r} into "
            f"{record.partition}: take a job id of that partition, such as a UUIDv7 drawn again until it is"
        )
    return None
