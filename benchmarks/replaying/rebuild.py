"""A replay of one partition by the product's own code.

Arguments: the partition, and an empty directory. It prints JSON: how many seconds it took, its most resident
memory until then, how many jobs are in each state, and a hash of their ids.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from time import monotonic

from benchmarks.memory import HIGHEST, resident_mb
from joblog.lifecycle.partition.keys import JOB
from joblog.processors.replay.rebuild import Rebuild
from joblog.processors.replay.rows import entries, jobs_by_status
from joblog.streams.settings import Settings


def hash_of(job_ids: Iterable[bytes]) -> str:
    """Return a hash of ids in this order."""
    digest = blake2b()
    for job_id in job_ids:
        digest.update(job_id)
    return digest.hexdigest()


async def replay(settings: Settings, partition: int, directory: Path) -> dict[str, object]:
    """Replay a partition, and look at what comes out."""
    rebuild = Rebuild(settings, directory)
    end = (await rebuild.ends())[partition]
    begun = monotonic()
    local = await rebuild.partition(partition, end)
    seconds, highest = monotonic() - begun, resident_mb(os.getpid(), HIGHEST)
    return {
        "seconds": seconds,
        "highest MB": highest,
        "jobs": jobs_by_status(local),
        "hash": hash_of(key[len(JOB) :] for key, _ in entries(local, JOB)),
    }


def main() -> None:
    """Replay, and say what was found."""
    found = asyncio.run(replay(Settings(), int(sys.argv[1]), Path(sys.argv[2])))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
