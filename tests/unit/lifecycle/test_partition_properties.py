"""What holds for every history: invariants 1 and 3, legal states, one outcome a generation."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from joblog.lifecycle.partition.emissions import Emission
from joblog.lifecycle.partition.fold import PartitionFold
from joblog.lifecycle.partition.keys import DURABLE, derive
from joblog.lifecycle.records import Inbound
from joblog.lifecycle.states import DISPATCH, TERMINAL, TRANSITIONS, TURN, Status
from joblog.schemas.models import JobDeadLettered, JobDispatched
from joblog.schemas.state import JobRow
from tests.unit.lifecycle.histories import Action, histories, play
from tests.unit.lifecycle.partition_log import CODEC, TOPIC, DictView, PartitionLog

cuts = st.sets(st.integers(0, 80), max_size=10)


def written(history: list[Action]) -> PartitionLog:
    log = PartitionLog()
    play(log, history)
    return log


def refold(
    records: list[Inbound], commits: set[int], reopens: set[int]
) -> tuple[list[Emission], DictView]:
    view = DictView()
    fold = PartitionFold(TOPIC, 0, view)
    emissions: list[Emission] = []
    for index, record in enumerate(records):
        emissions += fold.apply(record).emissions
        if index in commits or index in reopens:
            view.write(fold.freeze())
            fold.thaw()
        if index in reopens:
            fold = PartitionFold(TOPIC, 0, view)
    view.write(fold.freeze())
    return emissions, view


@given(histories, cuts, cuts)
def test_any_cut_into_batches_gives_the_same_bytes(
    history: list[Action], commits: set[int], reopens: set[int]
) -> None:
    log = written(history)
    log.commit()
    emissions, view = refold(log.records, commits, reopens)
    assert emissions == log.emissions
    assert view.entries == log.view.entries


@given(histories, st.integers(0, 80))
def test_a_crash_repeats_the_same_bytes(history: list[Action], crash: int) -> None:
    log = written(history)
    view = DictView()
    fold = PartitionFold(TOPIC, 0, view)
    before: list[Emission] = []
    for record in log.records[: crash // 2]:
        before += fold.apply(record).emissions
    view.write(fold.freeze())
    lost = [
        emission
        for record in log.records[crash // 2 : crash]
        for emission in fold.apply(record).emissions
    ]
    successor = PartitionFold(TOPIC, 0, view)
    repeated = [
        emission for record in log.records for emission in successor.apply(record).emissions
    ]
    assert repeated[: len(lost)] == lost
    assert before + repeated == log.emissions


@given(histories)
def test_a_repeated_record_changes_nothing(history: list[Action]) -> None:
    log = written(history)
    log.commit()
    entries = dict(log.view.entries)
    assert [
        emission for record in log.records for emission in log.fold.apply(record).emissions
    ] == []
    log.commit()
    assert log.view.entries == entries


@given(histories)
def test_states_change_only_as_the_table_says(history: list[Action]) -> None:
    log = PartitionLog()
    statuses: dict[str, Status | None] = {}
    for action in history:
        start = len(log.records)
        play(log, [action])
        for record in log.records[start:]:
            _assert_legal(log, record, statuses)


def _assert_legal(log: PartitionLog, record: Inbound, statuses: dict[str, Status | None]) -> None:
    try:
        event = type(CODEC.decode(record.value or b"")).__name__
    except Exception:  # noqa: BLE001  # garbage moves nothing
        event = "garbage"
    for job_id in ("job-0", "job-1", "job-2", "job-3"):
        row = log.fold.row(job_id)
        before, after = statuses.get(job_id), None if row is None else Status(row.status)
        if before != after:
            assert after is not None
            assert after in _reachable(before, event)
        statuses[job_id] = after


def _reachable(status: Status | None, event: str) -> set[Status]:
    reached = set(TRANSITIONS.get((status, event), ()))
    if status is not None:
        reached.add(status)
    for source, what in ((Status.BLOCKED, TURN), (Status.PENDING, DISPATCH)):
        if source in reached:
            reached |= TRANSITIONS[source, what]
    return reached


@given(histories)
def test_each_generation_has_at_most_one_outcome(history: list[Action]) -> None:
    log = PartitionLog()
    ends: Counter[tuple[str, int]] = Counter()
    for action in history:
        rows = {job: log.fold.row(job) for job in ("job-0", "job-1", "job-2", "job-3")}
        play(log, [action])
        for job, before in rows.items():
            row = log.fold.row(job)
            if row is not None and row.status in TERMINAL and _opened(before, row):
                ends[job, row.generation] += 1
    assert all(count == 1 for count in ends.values())
    letters = Counter(
        (letter.job_id, letter.generation)
        for letter in log.emitted(JobDeadLettered)
        if letter.reason in {"exhausted", "fatal", "lost", "unknown_type"}
    )
    assert all(count == 1 for count in letters.values())


def _opened(before: JobRow | None, after: JobRow) -> bool:
    return before is None or before.generation != after.generation or before.status not in TERMINAL


@given(histories)
def test_attempts_are_dispatched_once_each_and_without_holes(history: list[Action]) -> None:
    log = written(history)
    attempts: dict[tuple[str, int], list[int]] = {}
    for event in log.emitted(JobDispatched):
        attempts.setdefault((event.job_id, event.generation), []).append(event.attempt)
    assert all(made == list(range(1, len(made) + 1)) for made in attempts.values())


@given(histories)
def test_nothing_is_dispatched_before_it_is_due(history: list[Action]) -> None:
    log = PartitionLog()
    for action in history:
        due = {
            job: row.due
            for job in ("job-0", "job-1", "job-2", "job-3")
            if (row := log.fold.row(job))
        }
        sent = len(log.emissions)
        play(log, [action])
        for emission in log.emissions[sent:]:
            if emission.destination == "work" and (
                limit := due.get((emission.key or b"").decode())
            ):
                assert log.fold.now >= limit


@given(histories)
def test_local_entries_follow_from_durable_ones(history: list[Action]) -> None:
    log = written(history)
    log.commit()
    durable = {key: value for key, value in log.view.entries.items() if key[:1] in DURABLE}
    derived = dict(entry for key, value in durable.items() for entry in derive(key, value))
    assert durable | derived == log.view.entries


@given(histories)
def test_counts_follow_from_the_rows(history: list[Action]) -> None:
    log = written(history)
    log.commit()
    rows = [JobRow.decode(value) for key, value in log.view.entries.items() if key[:1] == b"j"]
    lanes = Counter(row.lane for row in rows if row.status == Status.DISPATCHED)
    lines = Counter(
        f"{row.type}\x00{row.opening.queue}" for row in rows if row.status == Status.PENDING
    )
    blocked = Counter(
        f"{row.type}\x00{row.opening.queue}" for row in rows if row.status == Status.BLOCKED
    )
    assert log.fold.in_flight == lanes
    assert log.fold.blocked == blocked
    assert log.fold.waiting == lines


@given(histories)
def test_every_timer_that_passed_is_acted_on_by_one_tick(history: list[Action]) -> None:
    log = written(history)
    play(log, [("tick", "")])
    wake = log.fold.next_wake()
    assert wake is None or wake > log.fold.now
