from hypothesis import given, settings
from hypothesis import strategies as st

from joblog.lifecycle.delays import TIERS
from joblog.processors.delays.backlog import Bounds
from tests.unit.delays.world import LIMIT, World

SECOND, MINUTE, DAY = 1_000, 60_000, 86_400_000
MOST_HOPS = 46
"""4 times 7 days, 6 times a day, then 3, 5, 5, 9, 5, 9: what 30 days need where each hop costs a little."""

delays = st.one_of(
    st.integers(0, 2 * SECOND),
    st.integers(0, 2 * MINUTE),
    st.integers(0, 30 * DAY),
    st.sampled_from([tier.wait_ms for tier in TIERS]),
)


@given(st.lists(delays, min_size=1, max_size=30))
def test_each_job_wakes_once_and_at_its_due_time(waits: list[int]) -> None:
    world = World()
    dues = {f"job-{i}": world.log_time + wait for i, wait in enumerate(waits)}
    for job_id, due in dues.items():
        world.defer(job_id, due)
    world.run()
    assert {(fired.job_id, fired.due) for fired in world.fired} == set(dues.items())
    assert all(fired.log_time == fired.due for fired in world.fired)
    assert world.wake_ups == len(dues)
    assert max(world.hops.values(), default=0) <= MOST_HOPS


def test_thirty_days_take_the_long_tiers_first() -> None:
    world = World()
    world.defer("job", world.log_time + 30 * DAY - 1)
    world.run()
    topics = {tier.name: len(world.log.read(f"t.delay.{tier.name}", 0)) for tier in reversed(TIERS)}
    assert topics == {
        "7d": 4, "1d": 1, "6h": 3, "1h": 5, "10m": 5, "1m": 9, "10s": 5, "1s": 9, "now": 0
    }  # fmt: skip
    assert world.fired[0].log_time == world.fired[0].due


@given(
    st.lists(delays, min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), max_size=20),
)
def test_a_crash_at_any_moment_loses_nothing(
    waits: list[int], crashes: list[tuple[int, int]]
) -> None:
    world = World()
    dues = {f"job-{i}": world.log_time + wait for i, wait in enumerate(waits)}
    for job_id, due in dues.items():
        world.defer(job_id, due)
    for steps_before, acknowledged in crashes:
        for _ in range(steps_before):
            world.read()
            world.act()
            world.commit()
            world.clock.advance(max(0, (world.waiting.next_at() or 0) - world.clock()))
        world.act(acknowledged)
        world.crash()
    world.run()
    assert {fired.job_id for fired in world.fired} == set(dues)
    assert all(fired.log_time >= fired.due for fired in world.fired)


@given(st.lists(delays, min_size=1, max_size=30), st.integers(1, 500))
def test_a_second_run_over_the_same_records_publishes_the_same_bytes(
    waits: list[int], late: int
) -> None:
    world = World()
    for i, wait in enumerate(waits):
        world.defer(f"job-{i}", world.log_time + wait)
    world.clock.advance(30 * DAY + late)
    world.read()
    world.act()
    first = world.log.read("t.events", 0, len(waits))
    world.crash()
    world.read()
    world.act()
    again = world.log.read("t.events", 0, len(waits) + len(first))
    assert first
    assert [(r.key, r.value, r.headers) for r in again] == [
        (r.key, r.value, r.headers) for r in first
    ]


@settings(max_examples=4)
@given(st.integers(0, 1 << 30), st.sampled_from([1, 100, 1_000]))
def test_memory_stays_within_its_bound(seed: int, held: int) -> None:
    bounds = Bounds(held, read_ahead=200)
    world = World(bounds=bounds)
    for i in range(2_000):
        world.defer(f"job-{i}", world.log_time + (seed * (i + 1)) % (20 * SECOND))
    world.run()
    assert len(world.fired) == 2_000
    assert world.waiting.records == 0
    assert world.most_in_memory <= held + len(TIERS) * (bounds.read_ahead + LIMIT)


def test_a_backlog_in_a_long_tier_does_not_hold_up_short_delays() -> None:
    world = World()
    for i in range(2_000):
        world.defer(f"long-{i}", world.log_time + 2 * DAY)
    world.read()
    world.read()
    world.defer("short", world.log_time + 50)
    world.run()
    assert world.fired[0].job_id == "short"
    assert world.fired[0].log_time == world.fired[0].due


def test_a_decision_that_came_late_does_not_make_a_job_late() -> None:
    world = World()
    world.defer("first", world.log_time + 9_999)
    decided_at = world.log_time - 300
    world.defer("job", decided_at + SECOND, decided_at)
    world.run()
    assert [fired.log_time - fired.due for fired in world.fired] == [0, 0]


def test_what_was_due_long_ago_wakes_at_once_first_come_first_served() -> None:
    world = World()
    start = world.log_time
    for i in range(500):
        world.defer(f"job-{i}", start + 20 * SECOND - i)
    world.clock.advance(DAY)
    world.run()
    assert {fired.log_time for fired in world.fired} == {start + DAY}
    assert [fired.job_id for fired in world.fired] == [f"job-{i}" for i in range(500)]


@given(st.integers(-900, 900), st.lists(st.integers(0, 20 * SECOND), min_size=2, max_size=40))
def test_clocks_that_differ_cost_few_early_wake_ups(broker_ahead: int, waits: list[int]) -> None:
    world = World(broker_ahead=broker_ahead)
    start = world.log_time
    for i, wait in enumerate(waits):
        world.defer(f"job-{i}", start + wait)
    world.run()
    assert len(world.fired) == len(waits)
    assert all(fired.log_time >= fired.due for fired in world.fired)
    early = world.wake_ups - len(waits)
    at_once = [
        sum(wait <= other < wait + max(1, -broker_ahead) for other in waits) for wait in waits
    ]
    assert early <= (0 if broker_ahead >= 0 else max(at_once))


@given(st.integers(1, 900))
def test_once_the_difference_is_known_jobs_wake_at_their_due_time(behind: int) -> None:
    world = World(broker_ahead=-behind)
    world.defer("first", world.log_time + 2 * SECOND)
    world.run()
    for i in range(10):
        world.defer(f"job-{i}", world.log_time + 3 * SECOND + i * 40)
    before = world.wake_ups
    world.run()
    assert world.wake_ups == before + 10
    assert {fired.log_time - fired.due for fired in world.fired[1:]} == {0}
