"""What is declared for the whole log, read from its topics in memory."""

from joblog.schemas.codec import Codec
from joblog.schemas.errors import UndecodableError, UnknownSchemaError
from joblog.schemas.models import Event, LimitsAnnounced, TypeAnnounced
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap


def declared(record: Inbound, codec: Codec, topics: TopicMap) -> Event | None:
    """Return what a record of the config or schemas topic declares; None where nothing that is possible."""
    if record.value is None:
        return None
    try:
        event = codec.decode(record.value)
    except (UnknownSchemaError, UndecodableError):
        return None
    has_no_lane = isinstance(event, TypeAnnounced) and event.lane not in topics.lanes
    return None if has_no_lane else event


def limits_of(settings: Settings, now: int) -> LimitsAnnounced:
    """Return the announcement of a log's limits; `now` in ms is its version."""
    return LimitsAnnounced.model_validate(
        {"event_id": f"limits-{now}", "time": now, "version": now} | settings.announced_limits
    )
