from joblog.processors.delays.log_clock import REMEMBERED_WAKE_UPS, LogClock


def test_it_begins_with_the_local_clock() -> None:
    assert LogClock().now(1_000) == 1_000


def test_a_decision_of_the_future_shows_that_the_log_is_ahead() -> None:
    clock = LogClock()
    clock.decided(1_300, local=1_000)
    clock.decided(1_100, local=1_050)
    assert clock.now(2_000) == 2_300
    assert clock.local(2_300) == 2_000


def test_a_job_that_is_sent_back_shows_that_the_log_is_behind() -> None:
    clock = LogClock()
    clock.woke(7, local=1_000)
    clock.sent_back(7, log_time=800)
    assert clock.now(2_000) == 1_800


def test_only_its_own_wake_ups_tell_and_each_once() -> None:
    clock = LogClock()
    clock.woke(7, local=1_000)
    clock.sent_back(8, log_time=1)
    assert clock.now(2_000) == 2_000
    clock.sent_back(7, log_time=900)
    clock.sent_back(7, log_time=1)
    assert clock.now(2_000) == 1_900


def test_it_remembers_so_many_wake_ups_and_no_more() -> None:
    clock = LogClock()
    for offset in range(REMEMBERED_WAKE_UPS + 1):
        clock.woke(offset, local=1_000)
    clock.sent_back(0, log_time=1)
    assert clock.now(2_000) == 2_000
    clock.sent_back(1, log_time=900)
    assert clock.now(2_000) == 1_900
