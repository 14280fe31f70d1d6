"""What a check has found."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    """As it has to be."""
    WARNING = "warning"
    """It works, and may not go on to."""
    PROBLEM = "problem"
    """It does not work."""
    UNKNOWN = "not checked"
    """Something else has to be mended first."""


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        check: what was looked at.
        verdict: how bad it is.
        found: what was found.
        remedy: what to do; empty where nothing is.
    """

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(check: str, found: str) -> Finding:
    """Return that something is as it has to be."""
    return Finding(check, Verdict.OK, found)


def warning(check: str, found: str, remedy: str) -> Finding:
    """Return that something may not go on to work."""
    return Finding(check, Verdict.WARNING, found, remedy)


def problem(check: str, found: str, remedy: str) -> Finding:
    """Return that something does not work."""
    return Finding(check, Verdict.PROBLEM, found, remedy)


def unknown(check: str, why: str) -> Finding:
    """Return that something could not be looked at."""
    return Finding(check, Verdict.UNKNOWN, why)


def found_and_fix(message: str) -> tuple[str, str]:
    """Return what an error found, and what to do; reasons of others stand in brackets and have colons too."""
    found, bracket, remedy = message.rpartition("): ")
    if bracket:
        return f"{found})", remedy
    found, _, remedy = message.partition(": ")
    return found, remedy
