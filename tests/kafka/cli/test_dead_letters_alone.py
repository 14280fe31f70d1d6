"""The dead-letter queue while no scheduler runs."""

from joblog.schemas.models import JobDeadLettered, OriginalRecord
from tests.kafka.cli.running import Bench, joblog


async def test_the_history_can_be_listed(env: dict[str, str], bench: Bench) -> None:
    original = OriginalRecord(
        topic=bench.topics.events.name, partition=0, offset=0, timestamp=1, key=b"j", value=b"x"
    )
    letter = JobDeadLettered(event_id="d", time=1, job_id="j", reason="fatal", original=original)
    await bench.put(bench.topics.dead_letters.name, 0, letter, b"j")
    listed = await joblog("dlq", "list", "--history", env=env)
    assert (listed.code, listed.out.count("fatal")) == (0, 1)
