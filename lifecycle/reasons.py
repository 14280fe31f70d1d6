"""Why a job or record is dead-lettered; docs/dead-letters.md explains each to operators."""

from enum import StrEnum


class Reason(StrEnum):
    """A word in JobDeadLettered.reason."""

    EXHAUSTED = "exhausted"
    """The last allowed attempt failed, or no retry fits into the time allowed."""
    FATAL = "fatal"
    """An attempt failed with an error that no retry can mend."""
    LOST = "lost"
    """Too many attempts in a row took their worker with them."""
    UNKNOWN_TYPE = "unknown_type"
    """No worker declared the job's type within the grace."""
    POISON = "poison"
    """The record is no event."""
    UNKNOWN_SCHEMA = "unknown_schema"
    """Nobody announced the record's schema within the grace."""
    UNKNOWN_JOB = "unknown_job"
    """The event is of a job that was never submitted here."""
    ILLEGAL = "illegal"
    """The event may not stand on this topic, or not in this way."""
    UNSUPPORTED = "unsupported"
    """The submission asks for something that these rules do not have."""
    TOO_LARGE = "too_large"
    """The submission, or what follows from it, is larger than the log allows."""
    RULE_RAISED = "rule_raised"
    """The rules raise an exception for this event, each time."""
