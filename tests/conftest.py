"""Where CI is set, a test that does not run fails: a skip hides whatever it stood for."""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

SKIPS_FORBIDDEN = bool(os.environ.get("CI"))
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _fail_if_skipped(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _fail_if_skipped(report)


def _fail_if_skipped(report: Report) -> Report:
    if SKIPS_FORBIDDEN and report.skipped:
        reason = vars(report).pop("wasxfail", report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"CI forbids skips and expected failures: {reason}"
    return report
