"""The comparison that ends each test finds what it is there to find."""

import pytest

from joblog.lifecycle.partition.keys import job_key
from joblog.lifecycle.partition.view import StateView
from joblog.schemas.models import JobCancelRequested
from joblog.schemas.state import JobRow
from joblog.streams.records import Inbound
from joblog.streams.settings import Settings
from tests.conformance.agreement import assert_replay_agrees
from tests.conformance.in_memory import JoblogInMemory


class OtherRow:
    """A state in which one row is another."""

    def __init__(self, view: StateView) -> None:
        self._view = view

    def get(self, key: bytes) -> bytes | None:
        return self._changed(key, self._view.get(key) or b"")

    def scan(
        self, start: bytes, stop: bytes, limit: int, most_bytes: int | None = None
    ) -> list[tuple[bytes, bytes]]:
        found = self._view.scan(start, stop, limit, most_bytes)
        return [(key, self._changed(key, value)) for key, value in found]

    def _changed(self, key: bytes, value: bytes) -> bytes:
        if key != job_key("job"):
            return value
        return JobRow.decode(value)._replace(worker="another").encode()


class PlantedJoblog(JoblogInMemory):
    """A joblog that says of itself what is not so."""

    def __init__(self, settings: Settings, planted: str, topic: str) -> None:
        super().__init__(settings)
        self.planted = planted
        self._topic = f"{settings.namespace}.{topic}"

    def read(self, topic: str, partition: int) -> list[Inbound]:
        records = list(super().read(topic, partition))
        if topic != self._topic or not records:
            return records
        match self.planted:
            case "a missing record":
                del records[-1]
            case "a record too many":
                records.append(records[-1]._replace(value=b"another"))
            case "another byte":
                records[-1] = records[-1]._replace(value=(records[-1].value or b"") + b"\x00")
            case "another key":
                records[-1] = records[-1]._replace(key=b"another")
            case "another header":
                records[-1] = records[-1]._replace(headers=(("a", b""),))
        return records

    def committed(self, partition: int) -> StateView:
        view = super().committed(partition)
        return OtherRow(view) if self.planted == "another row" else view


PLANTED = [
    (planted, topic)
    for planted in (
        "a missing record",
        "a record too many",
        "another byte",
        "another key",
        "another header",
    )
    for topic in ("work.default", "delay.10m", "dlq", "control")
]


@pytest.mark.parametrize(("planted", "topic"), [*PLANTED, ("another row", "events")])
async def test_a_planted_difference_is_found(planted: str, topic: str) -> None:
    async with PlantedJoblog(Settings(partitions=1), "nothing", topic) as joblog:
        await _live(joblog)
        await assert_replay_agrees(joblog)
        joblog.planted = planted
        with pytest.raises(AssertionError):
            await assert_replay_agrees(joblog)


async def _live(joblog: JoblogInMemory) -> None:
    await joblog.announce("mail")
    await joblog.submit("job")
    await joblog.append(JobCancelRequested(**joblog.head(), job_id="job", requested_by="ops"))
    await joblog.submit("later", not_before=joblog.now() + 900_000)
    await joblog.append_raw(b"key", b"garbage")
