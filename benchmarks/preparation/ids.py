"""Ids of jobs that follow from numbers, so that nothing has to be remembered of millions of jobs."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from joblog.lifecycle.partitioner import partition_of

FIRST_MS: Final = 1_760_000_000_000
"""Time in the first id, ms since the Unix epoch."""

JOBS_A_MS: Final = 10


def job_id(number: int) -> str:
    """Return the UUIDv7 of a job: its time rises with the number, the rest looks random."""
    time = f"{FIRST_MS + number // JOBS_A_MS:012x}"
    rest = blake2b(number.to_bytes(8, "big"), digest_size=8).hexdigest()
    return f"{time[:8]}-{time[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[4:]}"


def ids_of(partition: int, partitions: int, jobs: int) -> Iterator[str]:
    """Yield the ids of those of the first `jobs` jobs that belong to a partition."""
    for number in range(jobs):
        found = job_id(number)
        if partition_of(found.encode(), partitions) == partition:
            yield found
