"""Become a program that ends when the process that asked for it ends, even by SIGKILL.

Run as ``python -I -S guard.py PARENT_PID LOCK_FD PROGRAM ARGUMENT…``. A watcher is forked off, then
this process turns into the program, so that its process id, exit code and open files (LOCK_FD) are
the program's own. The kernel's parent-death signal would be shorter, but it comes when the *thread*
that started the program ends, and a broker may be started in a short-lived one.
"""

import os
import select
import signal
import sys


def main() -> None:
    """Fork the watcher, then become the program."""
    parent_pid, lock_fd = int(sys.argv[1]), int(sys.argv[2])
    command = sys.argv[3:]
    parent = os.pidfd_open(parent_pid)
    if os.getppid() != parent_pid:  # it ended before, and its id may be another's by now
        raise SystemExit(f"process {parent_pid} has ended: nobody is left to run this for")
    program = os.pidfd_open(os.getpid())
    if os.fork() == 0:
        os.close(lock_fd)  # the lock ends with the program, not with its watcher
        _kill_after(parent, program)
    else:
        os.execv(command[0], command)  # noqa: S606 - a shell has no part in this


def _kill_after(parent: int, program: int) -> None:
    """Wait for the end of either process; if it is the parent's, end the program."""
    poll = select.poll()
    poll.register(parent, select.POLLIN)
    poll.register(program, select.POLLIN)
    ended = {descriptor for descriptor, _ in poll.poll()}
    if program not in ended:
        signal.pidfd_send_signal(program, signal.SIGKILL)


if __name__ == "__main__":
    main()
