"""What `joblog jobs history` says of an event."""

import pytest

from joblog.cli.entries import details_of
from joblog.client.history import Entry
from joblog.schemas.models import AttemptHeartbeat


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"progress": 0.5, "message": "page 7"}, "50% page 7, lease 30000 ms"),
        ({"progress": 0.0}, "0%, lease 30000 ms"),
        ({"message": "page 7"}, "page 7, lease 30000 ms"),
        ({}, "host-1, lease 30000 ms"),
    ],
)
def test_a_heartbeat_says_how_far_the_handler_is(told: dict[str, object], words: str) -> None:
    fields = {"event_id": "e", "time": 0, "job_id": "j", "attempt": 1, "worker": "host-1"}
    event = AttemptHeartbeat.model_validate({**fields, "lease_ms": 30_000, **told})
    assert details_of(Entry("events", 0, 0, 0, event)) == words
