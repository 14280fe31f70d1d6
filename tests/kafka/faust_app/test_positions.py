"""Folding goes on where the state says, or not at all."""

from pathlib import Path

from tests.kafka.faust_app.conftest import PARTITIONS, StartScheduler
from tests.kafka.faust_app.running import Log


async def test_the_state_says_where_to_go_on_and_not_the_group(
    log: Log, start_scheduler: StartScheduler, tmp_path: Path
) -> None:
    for partition in range(PARTITIONS):
        await log.append(partition, *[b"value"] * 100)
    first = await start_scheduler(REPORT="offsets")
    for partition in range(PARTITIONS):
        await first.reads(partition, 99)
    assert await first.stop() == 0
    assert await log.committed() == dict.fromkeys(range(PARTITIONS), 100)

    positions = {0: 0, 1: 40, 2: 99, 3: 100}
    for partition, position in positions.items():
        (tmp_path / str(partition)).write_text(str(position))
    second = await start_scheduler(REPORT="offsets")
    await log.append(3, b"value")
    for partition, position in positions.items():
        end = 101 if partition == 3 else 100
        await second.reads(partition, end - 1)
        assert second.offsets(partition) == list(range(position, end))


async def test_without_a_committed_offset_too(
    log: Log, start_scheduler: StartScheduler, tmp_path: Path
) -> None:
    await log.append(2, *[b"value"] * 10)
    (tmp_path / "2").write_text("7")
    scheduler = await start_scheduler(REPORT="offsets")
    await scheduler.reads(2, 9)
    assert scheduler.offsets(2) == [7, 8, 9]


async def test_a_position_behind_the_end_of_the_log_ends_the_process(
    log: Log, start_scheduler: StartScheduler, tmp_path: Path
) -> None:
    await log.append(1, b"0", b"1")
    (tmp_path / "1").write_text("3")
    scheduler = await start_scheduler()
    assert await scheduler.ends() == 1
    assert f"{log.topic}/1 goes from offset 0 to 2" in scheduler.errors
    assert "at 3" in scheduler.errors
    assert scheduler.offsets(1) == []


async def test_a_position_before_the_start_of_the_log_ends_the_process(
    log: Log, start_scheduler: StartScheduler, tmp_path: Path
) -> None:
    await log.append(1, *[b"value"] * 10)
    await log.purge(1, below=5)
    (tmp_path / "1").write_text("4")
    scheduler = await start_scheduler()
    assert await scheduler.ends() == 1
    assert f"{log.topic}/1 goes from offset 5 to 10" in scheduler.errors
    assert scheduler.offsets(1) == []


async def test_a_topic_made_anew_under_a_running_scheduler_ends_it(
    log: Log, start_scheduler: StartScheduler
) -> None:
    await log.append(1, *[b"value"] * 10)
    scheduler = await start_scheduler()
    await scheduler.reads(1, 9)
    await log.delete()
    await log.create()
    await log.append(1, b"of another log")
    assert await scheduler.ends() == 1
    assert len(scheduler.offsets(1)) == 10
    assert log.topic in scheduler.errors
