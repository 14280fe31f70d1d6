"""A lane goes on by itself with what has waited, though nothing new is read."""

from types import SimpleNamespace
from typing import cast

import pytest

from joblog.processors.worker.lane import Lane, LaneParts


@pytest.mark.parametrize("buffered", [0, 3])
def test_what_came_into_the_buffer_without_a_read_is_claimed(buffered: int) -> None:
    woken: list[bool] = []
    parts = SimpleNamespace(
        name="default",
        consumer=SimpleNamespace(topic="t.work.default"),
        intake=SimpleNamespace(tend=lambda: None),
        claiming=SimpleNamespace(tend=lambda: None, wake=lambda: woken.append(True)),
        buffer=range(buffered),
        observer=SimpleNamespace(buffered=lambda _lane, _attempts: None),
    )
    Lane(cast("LaneParts", parts)).tend()
    assert bool(woken) == bool(buffered)
