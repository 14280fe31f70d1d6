"""The process ends on the first failure, whatever else happens."""

import logging
import subprocess
import sys

import pytest

from joblog.streams.faust_app.fail_stop import EXIT_FAILURE
from tests.unit.faust_app.fakes import Exits


def test_only_the_first_failure_counts(caplog: pytest.LogCaptureFixture) -> None:
    exits = Exits()
    first = ValueError("the cause")
    exits.fail_stop.fail("folding", first)
    exits.fail_stop.fail("closing", ValueError("a consequence"))
    assert exits.codes == [EXIT_FAILURE]
    assert exits.reason is first
    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert record.getMessage() == "folding failed, the process ends: the cause"
    assert record.exc_info is not None


def test_an_exception_of_the_block_ends_the_process_and_is_raised() -> None:
    exits = Exits()
    with pytest.raises(ValueError, match="ill"), exits.fail_stop.fatal("working"):
        raise ValueError("ill")
    assert exits.codes == [EXIT_FAILURE]


def test_a_block_that_ends_well_changes_nothing() -> None:
    exits = Exits()
    with exits.fail_stop.fatal("working"):
        pass
    assert not exits.fail_stop.failed


STUCK = """
import atexit, logging, os, threading
from joblog.streams.faust_app.fail_stop import FailStop
logging.basicConfig()
atexit.register(threading.Event().wait)
threading.Thread(target=threading.Event().wait).start()
os.set_blocking(2, False)
try:
    while os.write(2, bytes(1024)): pass
except BlockingIOError:
    os.set_blocking(2, True)
FailStop().fail("working", ValueError("ill"))
"""


def test_the_process_ends_though_threads_run_and_nobody_reads_its_log() -> None:
    process = subprocess.Popen([sys.executable, "-c", STUCK], stderr=subprocess.PIPE)
    with process:
        try:
            assert process.wait(30) == EXIT_FAILURE
        finally:
            process.kill()
