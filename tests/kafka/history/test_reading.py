"""The history is read as it is committed, and judged from the command line too."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.history.errors import UnsoundHistoryError
from tests.history.history import History
from tests.history.ledger import read_ledger
from tests.history.verdict import assert_sound
from tests.kafka.history.planted import PlantedLog

ROOT = Path(__file__).parents[3]


async def test_rows_of_an_aborted_transaction_do_not_count(log: PlantedLog) -> None:
    await log.succeeds("a")
    partition = log.submissions["a"].partition
    producer = AIOKafkaProducer(bootstrap_servers=log.bootstrap, transactional_id=log.namespace)
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(f"{log.namespace}.table.jobs", b"x", b"a", partition)
        await producer.abort_transaction()
        assert await log.broken() == set()
        await producer.begin_transaction()
        await producer.send_and_wait(f"{log.namespace}.table.jobs", b"x", b"a", partition)
        await producer.commit_transaction()
    finally:
        await producer.stop()
    assert "passing_records_are_decodable" in await log.broken()


async def test_an_unsound_history_is_told_in_a_table(log: PlantedLog) -> None:
    await log.succeeds("a")
    await log.settle()
    history = await History.read(log.bootstrap, log.namespace)
    effects = read_ledger(log.ledger.path)
    assert_sound(history, log.acknowledged, effects)
    with pytest.raises(UnsoundHistoryError) as raised:
        assert_sound(history, log.acknowledged, [])
    assert "successes_have_an_effect" in str(raised.value)
    assert f"{log.namespace}.work.default/{log.submissions['a'].partition}@0" in str(raised.value)


async def test_the_command_exits_with_the_verdict(log: PlantedLog, tmp_path: Path) -> None:
    await log.succeeds("a")
    await log.settle()
    acknowledged, faults = tmp_path / "acknowledged", tmp_path / "faults"
    acknowledged.write_text("".join(f"{json.dumps(each)}\n" for each in log.acknowledged))
    faults.write_text('["worker_killed", 1, 2]\n')
    files = ("--ledger", log.ledger.path, "--acknowledged", acknowledged, "--faults", faults)
    assert await _exit_code(log, *files) == 0
    log.runs("a", 1, "start")
    assert await _exit_code(log, *files) == 1
    faults.write_text('["a gamma ray", 1, 2]\n')
    assert await _exit_code(log, *files) == 2


async def _exit_code(log: PlantedLog, *arguments: object) -> int:
    command = ["-m", "tests.history", "--bootstrap", log.bootstrap, "--namespace", log.namespace]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, *map(str, arguments), cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    return await process.wait()
