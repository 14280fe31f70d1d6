"""Entries, and what it takes to make them: without chance, without a clock."""

from collections.abc import Callable
from itertools import count
from typing import Any

from pydantic import BaseModel

from joblog.client.ids import Uuid7
from joblog.client.payloads import Payload
from joblog.client.records import Records
from joblog.client.submissions import Submission
from joblog.outbox.entry import Entries, Entry
from joblog.outbox.relay.assessor import Assessor
from joblog.outbox.stored import Waiting
from joblog.streams.settings import Settings
from joblog.streams.topics import TopicMap

NOW = 1_800_000_000_000
SETTINGS = Settings()
EVENTS = TopicMap.of(SETTINGS).events
MAX_BYTES = SETTINGS.limits.max_submission_bytes


class Mail(BaseModel):
    to: str
    body: str = ""


MAIL = Mail(to="ada@example.org")


def now() -> int:
    return NOW


def randomness() -> Callable[[int], bytes]:
    """Gives other bytes each time, and the same ones for every test."""
    numbers = count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


def entry_of(payload: BaseModel | Payload = MAIL, **options: Any) -> Entry:  # noqa: ANN401 - also what is refused
    entries = Entries(SETTINGS, "shop", now, randomness())
    return entries.of(Submission("send-mail", payload, **options))


def waiting(position: int, entry: Entry | None = None, **columns: Any) -> Waiting:  # noqa: ANN401 - of any type
    return Waiting(position, *(entry or entry_of()))._replace(**columns)


def records_of(settings: Settings) -> Records:
    return Records(TopicMap.of(settings), Uuid7(now, randomness()), now)


def assessor() -> Assessor:
    return Assessor(records_of(SETTINGS), EVENTS)
