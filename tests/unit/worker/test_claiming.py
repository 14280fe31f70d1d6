"""No attempt begins before its claim is committed, and none begins after its tenure is over."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from itertools import count
from typing import cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import UnknownError

from joblog.processors.worker.attempt import Attempt, Origin
from joblog.processors.worker.buffer import PriorityBuffer
from joblog.processors.worker.claiming import Claimer, Claiming
from joblog.processors.worker.claims import Claim, RecordState
from joblog.processors.worker.clock import Clock
from joblog.processors.worker.errors import PublishingEndedError, RebalancedError
from joblog.processors.worker.handlers import ASYNC, PROCESS, THREAD, RunIn
from joblog.processors.worker.membership import Membership
from joblog.processors.worker.pace import Pace
from joblog.processors.worker.reporter import Reporter
from joblog.processors.worker.runner import Runner
from joblog.processors.worker.slots import Slots
from joblog.processors.worker.submission import submission_of
from tests.unit.worker.fakes import Counting, FakeMembership, FakePublisher
from tests.unit.worker.jobs import REGISTRY
from tests.unit.worker.making import CODEC, WORK, dispatch, record, tenure

SECONDS = 10.0
AT = TopicPartition(WORK, 0)


class FakeRunner:
    def __init__(self) -> None:
        self.begun: list[Attempt] = []
        self.waits: int | None = None

    def first_priority(self, places: Iterable[RunIn] | None = None) -> int | None:
        return self.waits if places is None or ASYNC in places else None

    def begin(self, attempts: Iterable[Attempt]) -> None:
        self.begun += attempts


class Setting:
    def __init__(self) -> None:
        self.tenure = tenure()
        self.offsets = count()
        self.membership = FakeMembership()
        self.runner = FakeRunner()
        self.reporter = Reporter(FakePublisher())
        self.slots = Slots({ASYNC: 2, THREAD: 1, PROCESS: 1}, 3)
        self.buffer = PriorityBuffer(100)
        self.observer = Counting()
        self.committed: list[int] = []
        self.seconds = 0.0
        claimer = Claimer(
            buffer=self.buffer,
            slots=self.slots,
            pace=Pace(self.slots, self.seconds),
            runner=cast("Runner", self.runner),
            reporter=self.reporter,
            observer=self.observer,
            clock=Clock(lambda: 0, lambda: self.seconds),
            committed=lambda _, offset, __: self.committed.append(offset),
        )
        self.claiming = Claiming(claimer)
        self.claiming.hold(cast("Membership", self.membership), [self.tenure])
        self.running = asyncio.create_task(self.claiming.run())

    def arrive(self, *types: str, priority: int = 4) -> list[Attempt]:
        attempts = []
        for type_ in types:
            offset = next(self.offsets)
            event = dispatch(type_, n=offset, priority=priority)
            self.tenure.ledger.arrive(offset, (offset, 0))
            origin = Origin.of(record(event, offset))
            attempt = Attempt(event, origin, self.tenure, REGISTRY.get(type_))
            attempt.submission = submission_of(event, CODEC)
            self.buffer.push(attempt)
            attempts.append(attempt)
        self.claiming.wake()
        return attempts

    async def done(self) -> None:
        """Let everything happen that can."""
        await self.claiming.pause()
        for _ in range(5):
            await asyncio.sleep(0)
        await self.claiming.pause()

    def states(self, commit: int = -1) -> list[RecordState]:
        metadata = self.membership.commits[commit][AT].metadata
        return [RecordState(state) for state in Claim.decode(metadata).states]


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    made = Setting()
    async with asyncio.timeout(SECONDS):
        yield made
    made.running.cancel()
    await asyncio.wait([made.running])


async def test_attempts_begin_once_their_claims_are_committed(setting: Setting) -> None:
    setting.membership.accepting.clear()
    attempts = setting.arrive("echo", "echo.thread")
    await setting.membership.asked.wait()
    assert setting.runner.begun == []
    assert setting.states() == [RecordState.CLAIMED] * 2
    setting.membership.accepting.set()
    await setting.done()
    assert setting.runner.begun == attempts
    assert setting.observer.seen == {"claimed": 2}
    assert setting.committed == [0]


async def test_no_more_is_claimed_than_can_begin(setting: Setting) -> None:
    attempts = setting.arrive("echo", "echo.thread", "echo", "echo", "echo.thread", "pid")
    await setting.done()
    assert setting.runner.begun == attempts[:3]
    assert setting.states() == [RecordState.CLAIMED] * 3 + [RecordState.UNTOUCHED] * 3
    setting.slots.give(THREAD)
    await setting.done()
    assert setting.runner.begun == [*attempts[:3], attempts[4]]
    setting.slots.give(ASYNC)
    await setting.done()
    assert setting.runner.begun == [*attempts[:3], attempts[4], attempts[3]]


async def test_each_kind_is_claimed_ahead_of_its_free_slots_as_far_as_it_may(
    setting: Setting,
) -> None:
    setting.slots.kinds[ASYNC].ahead = setting.slots.in_all.ahead = 2
    attempts = setting.arrive("echo", "echo", "pid", "pid", "echo", "echo", "echo")
    await setting.done()
    assert setting.runner.begun == [*attempts[:3], *attempts[4:6]]


async def test_what_goes_before_all_that_was_claimed_ahead_is_claimed_however_much_that_was(
    setting: Setting,
) -> None:
    setting.slots.kinds[ASYNC].ahead = setting.slots.in_all.ahead = 2
    setting.arrive(*["echo"] * 4)
    await setting.done()
    setting.runner.waits = 4
    setting.slots.kinds[ASYNC].ahead = setting.slots.in_all.ahead = 0
    setting.arrive("echo", "pid")
    first, second = setting.arrive("echo", "echo", priority=9)
    await setting.done()
    assert setting.runner.begun[4:] == [first]
    setting.runner.waits = 9
    setting.claiming.wake()
    await setting.done()
    assert setting.runner.begun[4:] == [first]
    setting.runner.waits = 4
    setting.claiming.wake()
    await setting.done()
    assert setting.runner.begun[4:] == [first, second]
    setting.claiming.wake()
    await setting.done()
    assert setting.runner.begun[4:] == [first, second]


async def test_what_goes_before_all_of_its_kind_that_wait_is_claimed_whatever_else_waits(
    setting: Setting,
) -> None:
    setting.arrive(*["echo"] * 2, "pid")
    await setting.done()
    setting.runner.waits = 4
    setting.arrive("pid", priority=9)
    await setting.done()
    assert len(setting.runner.begun) == 3
    [urgent] = setting.arrive("echo", priority=5)
    await setting.done()
    assert setting.runner.begun[3:] == [urgent]


async def test_a_round_that_commits_nothing_says_nothing_about_commits(setting: Setting) -> None:
    [attempt] = setting.arrive("echo")
    await setting.done()
    attempt.settle()
    setting.slots.claim_ahead(ASYNC, 1)
    setting.claiming.tend()
    await setting.claiming.let_go()
    setting.seconds = 1.0
    await setting.done()
    assert setting.slots.kinds[ASYNC].ahead == 1


async def test_how_much_is_claimed_ahead_follows_from_how_long_commits_take(
    setting: Setting,
) -> None:
    setting.slots.kinds[ASYNC].most_ahead = 1
    setting.membership.accepting.clear()
    attempts = setting.arrive("echo", "echo", "echo", "echo", "echo")
    await setting.membership.asked.wait()
    setting.seconds = 1.0
    setting.slots.kinds[ASYNC].freed += 100
    setting.membership.accepting.set()
    await setting.done()
    assert setting.runner.begun == attempts[:2]
    setting.claiming.wake()
    await setting.done()
    assert setting.runner.begun == attempts[:3]


async def test_what_is_settled_goes_along_with_the_next_claim_or_is_committed_when_tended(
    setting: Setting,
) -> None:
    one, two = setting.arrive("echo", "echo")
    await setting.done()
    one.settle()
    setting.claiming.wake()
    await setting.done()
    assert len(setting.membership.commits) == 1
    setting.claiming.tend()
    await setting.done()
    assert setting.membership.commits[1][AT].offset == 1
    two.settle()
    setting.slots.give(ASYNC)
    setting.arrive("echo")
    await setting.done()
    assert setting.membership.commits[2][AT].offset == 2
    assert setting.states() == [RecordState.CLAIMED]
    setting.claiming.tend()
    await setting.done()
    assert len(setting.membership.commits) == 3


async def test_claims_that_the_group_refuses_do_not_begin(setting: Setting) -> None:
    setting.membership.refusal = RebalancedError("g", 1)
    setting.arrive("echo")
    await setting.done()
    assert setting.runner.begun == []
    assert not setting.tenure.active
    assert len(setting.slots.claimable) == 3
    setting.arrive("echo")
    await setting.done()
    assert len(setting.membership.commits) == 1


async def test_to_let_go_commits_what_is_settled_and_claims_no_more(setting: Setting) -> None:
    [attempt] = setting.arrive("echo")
    await setting.done()
    attempt.settle()
    await setting.claiming.let_go()
    assert setting.membership.commits[-1][AT].offset == 1
    setting.arrive("echo")
    setting.claiming.tend()
    await setting.done()
    assert len(setting.membership.commits) == 2


async def test_a_refusal_of_the_last_commit_is_none_of_its_business(setting: Setting) -> None:
    [attempt] = setting.arrive("echo")
    await setting.done()
    attempt.settle()
    setting.membership.refusal = RebalancedError("g", 1)
    await setting.claiming.let_go()


async def test_any_other_failure_of_a_commit_ends_it(setting: Setting) -> None:
    setting.membership.refusal = UnknownError()
    setting.arrive("echo")
    with pytest.raises(UnknownError):
        await setting.running
    assert setting.runner.begun == []


async def test_nothing_is_committed_once_publishing_has_failed(setting: Setting) -> None:
    publishing = asyncio.create_task(setting.reporter.run())
    await asyncio.sleep(0)
    publishing.cancel()
    await asyncio.wait([publishing])
    setting.arrive("echo")
    with pytest.raises(PublishingEndedError):
        await setting.running
    assert setting.membership.commits == []
