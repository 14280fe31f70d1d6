"""What waits for a schema waits for that one, and only so long."""

from joblog.processors.worker.waiting import Waiting


def test_a_schema_releases_what_waits_for_it_and_nothing_else() -> None:
    waiting: Waiting[str] = Waiting(100)
    waiting.add("a", b"1", 0)
    waiting.add("b", b"2", 0)
    waiting.add("c", b"1", 0)
    assert waiting.learned(b"1") == ["a", "c"]
    assert waiting.learned(b"1") == []
    assert len(waiting) == 1


def test_what_has_waited_long_enough_is_overdue_once() -> None:
    waiting: Waiting[str] = Waiting(100)
    waiting.add("a", b"1", 0)
    waiting.add("b", b"1", 50)
    assert waiting.overdue(99) == []
    assert waiting.overdue(100) == ["a"]
    assert waiting.overdue(1_000) == ["b"]
    assert waiting.overdue(1_000) == []


def test_what_is_dropped_waits_no_more() -> None:
    waiting: Waiting[str] = Waiting(100)
    for item in "abc":
        waiting.add(item, b"1", 0)
    waiting.drop(lambda item: item != "b")
    assert waiting.overdue(100) == ["b"]
