"""What a child sends is written whole and in order, whoever sends in the middle of it; nobody waits for ever."""

import socket
import threading
from collections.abc import Callable
from typing import cast

import pytest

from joblog.processors.worker.executors.frames import frame, receive
from joblog.processors.worker.executors.sender import Sender

SECONDS = 20.0
ENDLESS = 1_000.0


class Calling:
    """Calls a function while it is pickled."""

    def __init__(self, function: Callable[[], None]) -> None:
        self.function = function

    def __reduce__(self) -> tuple[object, ...]:
        self.function()
        return (str, ("outer",))


class Wire:
    """Keeps what is written, and calls a function in the middle of the first write, or at its end."""

    def __init__(self) -> None:
        self.written = b""
        self.in_the_middle: Callable[[], None] = nothing
        self.at_the_end: Callable[[], None] = nothing

    def sendall(self, data: bytes) -> None:
        in_the_middle, self.in_the_middle = self.in_the_middle, nothing
        at_the_end, self.at_the_end = self.at_the_end, nothing
        self.written += data[:7]
        in_the_middle()
        self.written += data[7:]
        at_the_end()


def nothing() -> None:
    """Do nothing."""


def sender_to(wire: Wire, patience: float = ENDLESS) -> Sender:
    return Sender(cast("socket.socket", wire), patience)


def frames(*words: str) -> bytes:
    return b"".join(frame((word,)) for word in words)


def begin(function: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def end(thread: threading.Thread) -> None:
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_what_is_sent_while_a_message_is_pickled_goes_before_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = Sender(ours, ENDLESS)
        end(begin(lambda: sender.send(Calling(lambda: sender.send("inner")))))
        assert [receive(theirs), receive(theirs)] == [("inner",), ("outer",)]


def test_what_is_sent_in_the_middle_of_a_write_goes_after_it() -> None:
    wire = Wire()
    sender = sender_to(wire)
    wire.in_the_middle = lambda: sender.send("inner")
    end(begin(lambda: sender.send("outer")))
    assert wire.written == frames("outer", "inner")


def test_what_is_sent_at_the_end_of_a_write_is_not_left_behind() -> None:
    wire = Wire()
    sender = sender_to(wire)
    wire.at_the_end = lambda: sender.send("inner")
    end(begin(lambda: sender.send("outer")))
    assert wire.written == frames("outer", "inner")


def test_a_message_is_written_once_its_thread_goes_on_though_another_writes() -> None:
    wire, free = Wire(), threading.Event()
    sender = sender_to(wire)
    seen: list[bytes] = []

    def send_second() -> None:
        free.set()
        sender.send("second")
        seen.append(wire.written)

    def wait_for_second() -> None:
        threads.append(begin(send_second))
        assert free.wait(SECONDS)

    threads: list[threading.Thread] = []
    wire.in_the_middle = wait_for_second
    sender.send("first")
    end(threads[0])
    assert seen == [frames("first", "second")]


def test_a_thread_whose_patience_ends_leaves_its_message_to_the_one_that_writes() -> None:
    wire = Wire()
    sender = sender_to(wire, patience=0.0)
    wire.in_the_middle = lambda: end(begin(lambda: sender.send("second")))
    sender.send("first")
    assert wire.written == frames("first", "second")


def test_a_write_that_fails_does_not_silence_those_after_it() -> None:
    wire = Wire()
    sender = sender_to(wire)

    def fail() -> None:
        raise InterruptedError

    wire.at_the_end = fail
    with pytest.raises(InterruptedError):
        sender.send("first")
    sender.send("second")
    assert wire.written.endswith(frames("second"))
