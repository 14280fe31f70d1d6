"""What a handler raises becomes a failure that can be written, whatever it is."""

import asyncio
from datetime import timedelta

import pytest

from joblog.processors.worker import failures
from joblog.processors.worker.verdicts import Fatal, RetryAfter


def caught(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as raised:
        raise error
    return raised.value


class NoText(Exception):  # noqa: N818 - a name like others have
    def __str__(self) -> str:
        raise RuntimeError("broken")


def test_an_exception_in_opentelemetrys_words() -> None:
    failed = failures.raised(caught(ValueError("number 3")))
    assert failed.retry_after_ms is None
    assert failed.failure.kind == "error"
    assert failed.failure.type == "ValueError"
    assert failed.failure.message == "number 3"
    assert failed.failure.retryable
    assert failed.failure.stacktrace is not None
    assert failed.failure.stacktrace.startswith("Traceback (most recent call last)")
    assert "raise error" in failed.failure.stacktrace
    assert failed.failure.stacktrace.endswith("ValueError: number 3\n")


def test_types_have_their_module() -> None:
    assert failures.raised(NoText()).failure.type == f"{__name__}.NoText"
    assert failures.raised(asyncio.CancelledError()).failure.type == (
        "asyncio.exceptions.CancelledError"
    )


def test_a_fatal_error_is_not_retried_nor_one_derived_from_it() -> None:
    class Gone(Fatal):
        pass

    assert not failures.raised(Fatal("no such account")).failure.retryable
    assert not failures.raised(Gone()).failure.retryable


def test_retry_after_says_when() -> None:
    failed = failures.raised(RetryAfter(timedelta(minutes=2), "busy"))
    assert failed.retry_after_ms == 120_000
    assert failed.failure.message == "busy"
    assert failed.failure.retryable


@pytest.mark.parametrize("delay", [timedelta(seconds=-1), timedelta(days=31), timedelta.max])
def test_a_delay_that_no_job_can_wait_for_is_refused(delay: timedelta) -> None:
    with pytest.raises(ValueError, match="not within 0 to 30 days"):
        RetryAfter(delay)


def test_a_wish_without_a_delay_is_a_failure_like_others() -> None:
    class Busy(RetryAfter):
        def __init__(self) -> None:
            Exception.__init__(self, "busy")

    failed = failures.raised(Busy())
    assert (failed.failure.message, failed.retry_after_ms) == ("busy", None)


def test_an_exception_whose_text_ends_the_process_is_a_failure_like_others() -> None:
    class Ending(Exception):  # noqa: N818 - for this test alone
        def __str__(self) -> str:
            raise SystemExit

    assert "SystemExit" in failures.raised(Ending()).failure.message


def test_long_texts_are_cut_the_stacktrace_at_its_beginning() -> None:
    failed = failures.raised(caught(ValueError("ü" * 100_000)))
    assert failed.failure.message == "ü" * failures.MESSAGE_CHARACTERS
    assert failed.failure.stacktrace is not None
    assert len(failed.failure.stacktrace.encode()) <= failures.STACKTRACE_BYTES
    assert failed.failure.stacktrace.endswith("ü\n")


def test_texts_that_cannot_be_had_or_encoded() -> None:
    assert failures.raised(caught(NoText())).failure.message == (
        "(its text cannot be had: RuntimeError)"
    )
    assert failures.raised(caught(ValueError("\ud800"))).failure.message == "?"
    failures.raised(caught(ValueError("\ud800"))).failure.model_dump_json()


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (-11, "by SIGSEGV"),
        (-63, "by signal 63"),
        (3, "with exit code 3"),
        (0, "with exit code 0"),
        (None, "in an unknown way"),
    ],
)
def test_how_a_process_died(exit_code: int | None, words: str) -> None:
    failed = failures.process_died(exit_code)
    assert failed.failure.kind == "process_died"
    assert failed.failure.message.endswith(words)
    assert failed.failure.retryable


def test_what_can_be_mended_by_another_attempt() -> None:
    assert failures.unknown_type("x").failure.retryable
    assert failures.timed_out(100).failure.retryable
    assert not failures.payload_rejected("x").failure.retryable
    assert not failures.refused(ValueError()).failure.retryable
