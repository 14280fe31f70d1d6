"""What the application's jobs do can be repeated."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import UnidentifiedImageError

from examples.saas.airports import AirportTable
from examples.saas.demo.sources import MISSING, NO_IMAGES, PHOTOGRAPHS, airport_rows, upload
from examples.saas.demo.workload import FULL, IMPORT, plan, valid_airport
from examples.saas.photos import Photo, make_thumbnail, thumbnail_path
from joblog import Status


def test_the_table_has_rows_that_are_not_valid() -> None:
    lacking = [row.iata for row in airport_rows() if valid_airport(row) is None]
    assert lacking == [
        "CLD", "HHH", "MIB", "MQT", "RCA", "RDR", "ROP", "ROR", "SCE", "SKA", "SPN", "YAP",
    ]  # fmt: skip


def test_a_row_saved_twice_is_there_once(tmp_path: Path) -> None:
    airports = [airport for row in airport_rows()[:3] if (airport := valid_airport(row))]
    with closing(AirportTable(tmp_path / "saas.sqlite")) as table:
        for airport in [*airports, *airports]:
            table.save(airport)
        assert table.all() == airports


@pytest.mark.parametrize("format_", ["jpeg", "webp"])
def test_a_thumbnail_made_twice_is_the_same(tmp_path: Path, format_: str) -> None:
    photo = Photo(source=str(upload(PHOTOGRAPHS[0])), width=96, format=format_)
    make_thumbnail(photo, tmp_path)
    first = thumbnail_path(photo, tmp_path).read_bytes()
    make_thumbnail(photo, tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [first]


@pytest.mark.parametrize(
    ("name", "error"),
    [*((name, UnidentifiedImageError) for name in NO_IMAGES), (MISSING[0], FileNotFoundError)],
)
def test_what_is_no_photo_leaves_nothing_behind(
    tmp_path: Path, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        make_thumbnail(Photo(source=str(upload(name)), width=96, format="jpeg"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_plan_has_thousands_of_jobs_and_each_kind_of_end() -> None:
    jobs = plan(FULL, "http://127.0.0.1:1", datetime.now(UTC))
    keys = [planned.options["idempotency_key"] for planned in jobs if planned.kind == IMPORT]
    assert len(jobs) > 4_000
    assert len(set(keys)) == len(keys) == 3_376
    assert {planned.end.status for planned in jobs} == {
        Status.SUCCEEDED,
        Status.DEAD_LETTERED,
        Status.CANCELLED,
    }
    assert {planned.end.reason for planned in jobs} == {None, "fatal", "exhausted"}
