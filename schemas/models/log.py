"""Events about the log itself."""

from pydantic import Field

from joblog.schemas.models.envelope import Event, Identifier, Ordinal


class LogOpened(Event):
    """The first record of each partition of joblog.events: which log it is and how many partitions it has."""

    log_id: Identifier
    partition: int = Field(ge=0)
    partitions: Ordinal


class Tick(Event):
    """Makes log time pass, so that what is due is acted on."""
