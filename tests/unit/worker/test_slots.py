"""So many attempts of each kind run at once, and so many in all; some are claimed ahead of that."""

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


def test_what_is_claimed_counts_until_its_place_is_free_again() -> None:
    slots = Slots({ASYNC: 2, THREAD: 1}, 2)
    slots.claim(THREAD)
    assert slots.claimable == [ASYNC]
    slots.claim(ASYNC)
    assert slots.claimable == []
    assert slots.free == [ASYNC, THREAD]
    slots.unclaim(ASYNC)
    assert slots.claimable == [ASYNC]
    slots.take(THREAD)
    assert slots.claimable == [ASYNC]
    slots.give(THREAD)
    assert slots.claimable == [ASYNC, THREAD]
    assert (slots.kinds[THREAD].freed, slots.kinds[ASYNC].freed) == (1, 0)


def test_each_kind_is_claimed_ahead_by_its_own_measure() -> None:
    slots = Slots({ASYNC: 4, THREAD: 1, PROCESS: 2}, 7)
    slots.claim_ahead(ASYNC, 2)
    slots.claim_ahead(PROCESS, 9)
    assert [places.ahead for places in slots.kinds.values()] == [2, 0, 1]
    slots.claim(THREAD)
    for _ in range(5):
        slots.claim(ASYNC)
    assert slots.claimable == [ASYNC, PROCESS]
    for _ in range(3):
        slots.claim(PROCESS)
    assert slots.claimable == [ASYNC]
    slots.claim(ASYNC)
    assert slots.claimable == []


def test_a_kind_whose_places_are_all_taken_by_others_is_claimed_for_the_next_that_is_free() -> None:
    slots = Slots({ASYNC: 4, PROCESS: 1}, 4)
    slots.claim_ahead(ASYNC, 2)
    for _ in range(5):
        slots.claim(ASYNC)
    assert slots.claimable == [ASYNC, PROCESS]
    slots.claim(PROCESS)
    assert slots.claimable == []


def test_no_more_is_claimed_ahead_than_three_quarters_of_the_places_in_all() -> None:
    slots = Slots({ASYNC: 4, THREAD: 4}, 4)
    slots.claim_ahead(ASYNC, 9)
    slots.claim_ahead(THREAD, 9)
    assert [places.ahead for places in slots.kinds.values()] == [3, 3]
    assert slots.in_all.ahead == 3


def test_it_is_worth_claiming_once_half_of_what_is_claimed_ahead_has_begun() -> None:
    slots = Slots({ASYNC: 6}, 6)
    slots.claim_ahead(ASYNC, 4)
    for _ in range(8):
        assert slots.worth_claiming
        slots.claim(ASYNC)
    assert slots.worth_claiming
    slots.claim(ASYNC)
    assert not slots.worth_claiming
    slots.unclaim(ASYNC)
    assert slots.worth_claiming


def test_who_listens_hears_of_each_freed_place() -> None:
    slots = Slots({ASYNC: 1}, 1)
    heard: list[str] = []
    slots.listen(lambda: heard.append("one"))
    slots.listen(lambda: heard.append("two"))
    slots.claim(ASYNC)
    slots.take(ASYNC)
    assert heard == []
    slots.give(ASYNC)
    assert heard == ["one", "two"]
    slots.claim(ASYNC)
    slots.unclaim(ASYNC)
    assert heard == ["one", "two", "one", "two"]


def test_settings_say_how_many() -> None:
    slots = Slots.of(WorkerSettings(concurrency=2, threads=8, processes=1))
    assert slots.free == [ASYNC, THREAD, PROCESS]
    slots.take(PROCESS)
    assert slots.free == [ASYNC, THREAD]
    slots.take(THREAD)
    assert slots.free == []
