"""So many attempts of each kind run at once, and so many in all."""

from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD
from joblog.processors.worker.slots import Slots
from joblog.streams.settings import WorkerSettings


def test_a_kind_is_free_until_its_places_are_taken() -> None:
    slots = Slots({ASYNC: 5, THREAD: 1, PROCESS: 0}, 5)
    assert slots.free == [ASYNC, THREAD]
    slots.take(THREAD)
    assert slots.free == [ASYNC]
    slots.give(THREAD)
    assert slots.free == [ASYNC, THREAD]


def test_nothing_is_free_once_all_places_are_taken() -> None:
    slots = Slots({ASYNC: 5, THREAD: 5}, 2)
    slots.take(ASYNC)
    slots.take(THREAD)
    assert slots.free == []
    slots.give(ASYNC)
    assert slots.free == [ASYNC, THREAD]


def test_who_listens_hears_of_each_freed_place() -> None:
    slots = Slots({ASYNC: 1}, 1)
    heard: list[str] = []
    slots.listen(lambda: heard.append("one"))
    slots.listen(lambda: heard.append("two"))
    slots.take(ASYNC)
    assert heard == []
    slots.give(ASYNC)
    assert heard == ["one", "two"]


def test_settings_say_how_many() -> None:
    slots = Slots.of(WorkerSettings(concurrency=2, threads=8, processes=1))
    assert slots.free == [ASYNC, THREAD, PROCESS]
    slots.take(PROCESS)
    assert slots.free == [ASYNC, THREAD]
    slots.take(THREAD)
    assert slots.free == []
