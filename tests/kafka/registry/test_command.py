"""`joblog schemas`, as a user types it."""

import time
from pathlib import Path

from joblog.schemas.avro_schema import AvroSchema
from joblog.streams.kafka import KafkaPublisher, ensure_topics
from joblog.streams.settings import Settings
from tests.kafka.cli.running import Bench, environment, joblog
from tests.kafka.registry.test_registration import record


async def test_what_is_announced_is_registered_and_what_the_registry_lacks_is_told(
    bootstrap_servers: str, namespace: str, registry_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        bootstrap_servers=bootstrap_servers, namespace=namespace, partitions=1, data_dir=tmp_path
    )
    await ensure_topics(settings, time.time_ns() // 1_000_000)
    env = environment(settings, JOBLOG_REGISTRY__URL=registry_url)

    async def announce(schema: AvroSchema) -> None:
        async with KafkaPublisher(settings) as publisher:
            await Bench(settings, publisher).declare("mail.send", schema)

    async def run(command: str) -> tuple[int, str | None, set[str]]:
        result = await joblog("schemas", command, "--json", env=env)
        standings = {one["subject"]: one["standing"] for one in result.json_lines}
        mine = standings.pop(f"shop.{namespace}", None)
        return result.code, mine, set(standings.values())

    schema = record(f"shop.{namespace}", ("to", None)).schema
    assert (await run("register"))[:2] == (0, None)
    assert await run("check") == (0, None, {"present"})
    await announce(schema)
    assert await run("check") == (1, "missing", {"present"})
    assert await run("register") == (0, "registered", {"present"})
    assert await run("check") == (0, "present", {"present"})
    await announce(record(f"shop.{namespace}", ("to", None), ("copies", None)).schema)
    assert await run("register") == (1, "incompatible", {"present"})
    table = await joblog("schemas", "check", env=env)
    assert (table.code, "FULL_TRANSITIVE" in table.out) == (1, True)


async def test_without_a_registry_there_is_nothing_to_do(tmp_path: Path) -> None:
    env = environment(Settings(data_dir=tmp_path))
    result = await joblog("schemas", "register", env=env)
    assert (result.code, result.out) == (2, "")
    assert "JOBLOG_REGISTRY__URL" in result.err
    assert "registry.url=None is refused" in result.err
