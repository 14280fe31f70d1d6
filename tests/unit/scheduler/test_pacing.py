"""When a partition's state is committed."""

import pytest

from joblog.processors.scheduler.pacing import CommitPacing
from joblog.streams.settings.groups import SchedulerSettings

SECOND_MS = 1_000


@pytest.mark.parametrize("partitions", [1, 4, 10, 32, 100])
def test_a_process_commits_ten_times_a_second_at_most_however_many_partitions_it_has(
    partitions: int,
) -> None:
    pacing = CommitPacing(SchedulerSettings())
    pacing.partitions_owned = partitions
    assert pacing.interval_ms == max(SECOND_MS, 100 * partitions)
    assert not pacing.is_due(1, pacing.interval_ms - 1)
    assert pacing.is_due(1, pacing.interval_ms)
    assert partitions * SECOND_MS / pacing.interval_ms <= 10


def test_many_changed_rows_are_committed_before_that() -> None:
    pacing = CommitPacing(SchedulerSettings(commit_rows=20))
    assert not pacing.is_due(19, 0)
    assert pacing.is_due(20, 0)
