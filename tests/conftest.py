"""A real Kafka for those tests that ask for it; and no skips.

Where CI is set, a test that does not run fails: a skip hides whatever it stood for.
"""

import os
import secrets
from collections.abc import Generator, Iterator
from typing import TypeVar

import pytest

from joblog.streams.broker import EmbeddedBroker

SKIPS_FORBIDDEN = bool(os.environ.get("CI"))
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the settings of whoever runs it."""
    for name in os.environ:
        if name.startswith("JOBLOG_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """The session's broker. A test neither stops it nor relies on a topic it did not make."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="session")
def bootstrap_servers(broker: EmbeddedBroker) -> str:
    """Where clients reach the session's broker."""
    return broker.bootstrap_servers


@pytest.fixture
def namespace() -> str:
    """A prefix for the topics, groups and transactional ids of one test."""
    return f"t{secrets.token_hex(4)}"


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
