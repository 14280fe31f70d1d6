"""Seeds have plans: the same each time, and all kinds of faults among those of a long run."""

from collections import Counter

from tests.chaos.doing import DOINGS
from tests.chaos.faults import FAULTS, fault_of
from tests.chaos.plan import LOAD_SECONDS, Plan

SEEDS = range(1, 151)
PLANS = [Plan.of(seed) for seed in SEEDS]


def test_a_plan_follows_from_its_seed_alone() -> None:
    assert [Plan.of(seed) for seed in SEEDS] == PLANS
    assert len(set(PLANS)) == len(PLANS)


def test_each_kind_of_fault_is_done_several_times() -> None:
    done = Counter(fault_of(step.fault, step.target).title for plan in PLANS for step in plan.steps)
    assert {fault.title for fault in FAULTS} == done.keys()
    assert min(done.values()) >= 2, done.most_common()[-5:]


def test_each_fault_can_be_done() -> None:
    assert {fault.name for fault in FAULTS} == DOINGS.keys()


def test_all_run_long_enough_and_some_with_joblogs_defaults() -> None:
    assert all(plan.seconds >= LOAD_SECONDS for plan in PLANS)
    assert sum(plan.patience == "default" for plan in PLANS) >= 30
    for plan in PLANS:
        assert max(step.at + step.seconds for step in plan.steps) < plan.seconds
        assert all(fault_of(one.fault, one.target).brokers <= plan.brokers for one in plan.steps)
