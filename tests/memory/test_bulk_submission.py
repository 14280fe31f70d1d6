"""Lines become jobs in bulk: in their order, each once, and what is refused is known by its line."""

import pytest
from pydantic import BaseModel

from joblog import Registry, Settings
from joblog.cli.bulk.csv_rows import csv_rows
from joblog.cli.bulk.errors import LineRefusedError, LinesUnconfirmedError
from joblog.cli.bulk.json_rows import json_rows
from joblog.cli.bulk.rows import Refused
from joblog.cli.bulk.submitting import BulkSubmission
from joblog.cli.payload_type import PayloadForm
from joblog.client import Submitted
from joblog.client.client import CHUNK
from joblog.client.errors import UnconfirmedError
from joblog.client.json_form import JsonForm
from joblog.schemas.payloads import payload_schema
from joblog.testing import MemoryClient

handlers = Registry()
SETTINGS = Settings(partitions=2, limits={"max_submission_bytes": 2_048})
LARGE = '{"text": "' + 4_096 * "x" + '"}'
BAD = '{"text": 7}'


class Note(BaseModel):
    text: str


@handlers.job("note")
async def note(note: Note) -> None:
    """Take a note."""


FORM = PayloadForm("note", payload_schema(Note), JsonForm(payload_schema(Note)))


def good(number: int) -> str:
    return f'{{"text": "{number}"}}'


def keyed(number: int) -> str:
    return f'{{"id": "{number}", "text": "{number}"}}'


class Submitting:
    """A submission with what it was told."""

    def __init__(self, client: MemoryClient, *, skips: bool = False) -> None:
        self.ids: list[str] = []
        self.skipped: list[Refused] = []
        skip = self.skipped.append if skips else None
        self.bulk = BulkSubmission(client, "note", {"queue": "bulk"}, self._show, skip)

    async def run(self, *lines: str, key: str | None = None) -> None:
        await self.bulk.run(json_rows((line.encode() for line in lines), FORM, key))

    def _show(self, submitted: object) -> None:
        assert isinstance(submitted, list)
        self.ids += [one.job_id for one in submitted if isinstance(one, Submitted)]


async def texts(client: MemoryClient) -> list[str]:
    """Return the idempotency keys of all jobs in the queue."""
    return [job.job_id.rpartition("/")[2] async for job in client.jobs(queue="bulk")]


async def test_all_lines_are_jobs_whatever_the_chunks() -> None:
    async with MemoryClient(handlers, settings=SETTINGS) as client:
        count = 2 * CHUNK + 1
        submitting = Submitting(client)
        await submitting.run(*map(keyed, range(count)), key="id")
        assert submitting.bulk.submitted == count
        assert submitting.ids == [f"default/note/{number}" for number in range(count)]
        assert sorted(await texts(client), key=int) == [str(number) for number in range(count)]


async def test_a_file_that_was_broken_off_is_submitted_again_and_repeats_nothing() -> None:
    async with MemoryClient(handlers, settings=SETTINGS) as client:
        lines = [keyed(number) for number in range(CHUNK + 10)]
        with pytest.raises(LineRefusedError):
            await Submitting(client).run(*lines[: CHUNK + 5], BAD, *lines[CHUNK + 5 :], key="id")
        await Submitting(client).run(*lines, key="id")
        assert len(await texts(client)) == CHUNK + 10


@pytest.mark.parametrize("wrong", [BAD, LARGE])
@pytest.mark.parametrize("place", [0, 3, CHUNK, CHUNK + 3])
async def test_the_first_line_that_is_no_job_ends_it_and_those_before_it_are_submitted(
    wrong: str, place: int
) -> None:
    async with MemoryClient(handlers, settings=SETTINGS) as client:
        before = [good(number) for number in range(place)]
        submitting = Submitting(client)
        with pytest.raises(LineRefusedError) as refused:
            await submitting.run(*before, wrong, good(place))
        assert (refused.value.line, refused.value.submitted) == (place + 1, place)
        assert len(submitting.ids) == len(await texts(client)) == place


async def test_lines_that_are_no_jobs_are_skipped_and_all_others_submitted() -> None:
    async with MemoryClient(handlers, settings=SETTINGS) as client:
        submitting = Submitting(client, skips=True)
        await submitting.run(good(1), BAD, good(2), LARGE, good(3))
        assert [refused.line for refused in submitting.skipped] == [2, 4]
        assert [refused.row for refused in submitting.skipped] == [BAD, LARGE]
        assert "too large" in submitting.skipped[1].reason
        assert submitting.bulk.submitted == len(await texts(client)) == 3


async def test_several_lines_that_are_no_csv_are_named_from_the_first_to_the_last() -> None:
    async with MemoryClient(handlers, settings=SETTINGS) as client:
        lines = [b"text\n", b"1\n", b'"2\n', b"3\n", b"4\n"]
        bulk = BulkSubmission(client, "note", {"queue": "bulk"}, lambda _: None)
        with pytest.raises(LineRefusedError, match=r"^lines 3 to 5: it is no CSV") as refused:
            await bulk.run(csv_rows(lines, FORM, None))
        assert (refused.value.line, refused.value.last, refused.value.submitted) == (3, 5, 1)


async def test_lines_that_are_not_acknowledged_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with MemoryClient(handlers, settings=SETTINGS) as client:

        async def fails(_: object) -> list[Submitted]:
            raise UnconfirmedError(2, "the broker is away")

        submitting = Submitting(client)
        await submitting.run(good(0))
        monkeypatch.setattr(client, "submit_many", fails)
        with pytest.raises(
            LinesUnconfirmedError, match=r"lines 1 to 2 .* go on from line 1"
        ) as lost:
            await submitting.run(good(1), good(2))
        assert lost.value.submitted == 1
