"""How often a process looks at its partitions."""

import pytest

from joblog.processors.scheduler.owner import LEAST_TEND_INTERVAL, tend_interval


@pytest.mark.parametrize("partitions", [1, 4, 10, 32, 100])
def test_no_more_than_two_hundred_looks_a_second_are_made_however_many_partitions_there_are(
    partitions: int,
) -> None:
    assert round(partitions / tend_interval(partitions), 6) <= 200


def test_a_few_partitions_are_looked_at_as_often_as_one() -> None:
    assert tend_interval(1) == tend_interval(10) == LEAST_TEND_INTERVAL
