"""Tests of the jobs, in memory: no broker, and time passes when they say so."""

from datetime import timedelta

from jobs import Greeting, greet

from joblog import Status
from joblog.testing import SyncMemoryClient


def test_a_greeting(memory_joblog: SyncMemoryClient) -> None:
    submitted = memory_joblog.submit(greet, Greeting(name="Ada"))
    assert memory_joblog.result(submitted, greet) == "Hello, Ada!"


def test_what_failed_is_tried_again(memory_joblog: SyncMemoryClient) -> None:
    submitted = memory_joblog.submit(greet, Greeting(name="Grace"))
    assert memory_joblog.get(submitted).status == Status.RETRYING
    memory_joblog.advance(timedelta(minutes=1))
    assert memory_joblog.result(submitted, greet) == "Hello, Grace!"


def test_nobody_is_a_dead_letter(memory_joblog: SyncMemoryClient) -> None:
    memory_joblog.submit(greet, Greeting(name=""))
    [letter] = memory_joblog.dead_letters()
    assert letter.reason == "fatal"
