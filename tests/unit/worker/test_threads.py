"""Whatever happens in a thread, its attempt ends."""

import asyncio
from typing import Any

import pytest

from joblog.processors.worker.executors import Threads, threads
from joblog.processors.worker.executors.abc import Run
from joblog.processors.worker.outcomes import Failed
from joblog.processors.worker.scope import Scope
from tests.unit.worker.jobs import handler
from tests.unit.worker.making import call, dispatch


async def test_a_defect_in_calling_the_handler_is_a_failure_of_the_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any) -> Any:  # noqa: ANN401 - in place of any function
        raise KeyboardInterrupt

    monkeypatch.setattr(threads, "invoke", broken)
    freed: list[bool] = []
    made = call(dispatch("echo.thread"))
    run = Run(handler("echo.thread"), made, lambda *_: None, lambda: freed.append(True))
    executor = Threads(Scope())
    outcome = await asyncio.wait_for(executor.run(run), 10)
    executor.close()
    assert isinstance(outcome, Failed)
    assert outcome.failure.type == "KeyboardInterrupt"
    assert freed == [True]
