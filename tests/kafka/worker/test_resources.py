"""Resources open in each process that runs handlers, before the first, and close when it ends."""

from collections import Counter
from pathlib import Path

import pytest

from joblog.schemas.models import AttemptSucceeded
from joblog.schemas.models.envelope import AttemptEvent
from joblog.streams.settings import Settings
from tests.kafka.running import processes
from tests.kafka.worker.running import Feeder, Follower, environment_of
from tests.kafka.worker.surrounded import BROKEN, LEDGER
from tests.kafka.worker.surrounded_process import FAILED

PROCESS = "tests.kafka.worker.surrounded_process"
TYPES = ("in.loop", "in.thread", "in.process")


def lines_of(ledger: Path) -> list[tuple[str, int]]:
    words = (line.split() for line in ledger.read_text().splitlines())
    return [(word, int(pid)) for word, pid in words]


async def test_all_handlers_have_what_they_ask_for_and_each_process_opens_and_closes_its_own(
    settings: Settings, feeder: Feeder, events: Follower, tmp_path: Path
) -> None:
    ledger = tmp_path / "what happened"
    environment = {**environment_of(settings), LEDGER: str(ledger)}
    async with processes(PROCESS) as start:
        process = await start(environment)
        for type_ in TYPES:
            await feeder.jobs(type_, 4, prefix=type_)
        await events.until(lambda: len(events.of(AttemptSucceeded)) == 4 * len(TYPES))
        assert await process.stop() == 0
    lines = lines_of(ledger)
    worker, children = process.process.pid, {pid for _, pid in lines} - {process.process.pid}
    assert 1 <= len(children) <= 2
    for pid in (worker, *children):
        own = [word for word, one in lines if one == pid]
        assert (own[0], own[1], own[-1]) == ("opening", "open", "close")
        assert Counter(own)["open"] == Counter(own)["close"] == 1
    seen = Counter(word for word, _ in lines)
    assert [seen[f"before:{type_}"] for type_ in TYPES] == [4, 4, 4]
    assert [seen[f"after:{type_}"] for type_ in TYPES] == [4, 4, 4]


async def test_a_worker_whose_resource_does_not_open_ends_and_has_run_nothing(
    settings: Settings, feeder: Feeder, events: Follower, tmp_path: Path
) -> None:
    words = await words_of_one_that_ends(settings, feeder, "in.loop", tmp_path, broken=1)
    await events.until_caught_up()
    assert events.of(AttemptEvent) == []
    *words, end = words
    assert words == ["opening"]
    assert "shared_did_not_open:_ConnectionError:_nobody_answers" in end


async def test_a_worker_ends_as_well_where_it_does_not_open_in_a_child_process(
    settings: Settings, feeder: Feeder, events: Follower, tmp_path: Path
) -> None:
    words = await words_of_one_that_ends(settings, feeder, "in.process", tmp_path, broken=2)
    await events.until_caught_up()
    assert events.of(AttemptEvent) == []
    *words, end = words
    assert words == ["opening", "open", "opening", "close"]
    why, besides = end.split(";_[")
    assert "shared_did_not_open:_ConnectionError:_nobody_answers" in why
    assert "shared_did_not_close:_OSError:_disk_full" in besides


async def words_of_one_that_ends(
    settings: Settings, feeder: Feeder, type_: str, directory: Path, *, broken: int
) -> list[str]:
    """Return what happened in a worker that gets one job and has something that does not open."""
    ledger = directory / "what happened"
    environment = {**environment_of(settings), LEDGER: str(ledger), BROKEN: str(broken)}
    async with processes(PROCESS) as start:
        process = await start(environment)
        await feeder.jobs(type_, 1)
        assert await process.ends() == FAILED
    return [word for word, _ in lines_of(ledger)]


@pytest.fixture(autouse=True)
def no_leftover(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (LEDGER, BROKEN):
        monkeypatch.delenv(name, raising=False)
