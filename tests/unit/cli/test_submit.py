"""`joblog submit`: which lines are jobs, what becomes of the others, and how cells become fields."""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from joblog.cli.bulk.command import Bulk, submit_lines
from joblog.cli.bulk.csv_rows import csv_rows
from joblog.cli.bulk.errors import ColumnsRefusedError, SkippedUnwritableError
from joblog.cli.bulk.json_rows import json_rows
from joblog.cli.bulk.rows import Job, Refused
from joblog.cli.bulk.skipped import skipping
from joblog.cli.bulk.source import Format, format_of, is_read
from joblog.cli.exit_codes import ExitCode, exit_code_of
from joblog.cli.payload_type import PayloadForm
from joblog.client import Client, Options
from joblog.client.json_form import JsonForm
from joblog.schemas.avro_schema import AvroSchema
from joblog.schemas.payloads import payload_schema
from joblog.streams.settings import Settings


class Bill(BaseModel):
    total: Annotated[Decimal, Field(max_digits=5, decimal_places=2)]


class Customer(BaseModel):
    name: str
    tags: list[str]


class Order(BaseModel):
    number: int
    weight: float
    paid: bool
    note: str | None
    due: date
    ref: UUID
    customer: Customer
    copies: int = 1
    urgent: bool | None = None


def form_of(model: type[BaseModel]) -> PayloadForm:
    schema = payload_schema(model)
    return PayloadForm("a.type", schema, JsonForm(schema))


BILL = form_of(Bill)
ORDER = form_of(Order)
HEADER = "number,weight,paid,note,due,ref,customer,copies,urgent"
REF = "6f2c1a60-0000-4000-8000-000000000001"
CUSTOMER = '"{""name"": ""Ada"", ""tags"": [""a, b""]}"'


def payloads(form: PayloadForm, rows: Iterable[Job | Refused]) -> list[Any]:
    return [
        form.form.from_avro(row.payload.body) if isinstance(row, Job) else (row.line, row.reason)
        for row in rows
    ]


def read(text: str, form: PayloadForm = ORDER, key: str | None = None) -> list[Job | Refused]:
    return list(csv_rows(text.encode().splitlines(keepends=True), form, key))


def test_a_decimal_that_is_too_long_is_refused_by_its_line_and_its_value_is_not_shown() -> None:
    lines = [b'{"total": "1.25"}\n', b"\n", b'{"total": "1.255"}\n', b'{"total": "2.25"}\n']
    first, refused, third = json_rows(lines, BILL, None)
    assert payloads(BILL, [first, third]) == [{"total": "1.25"}, {"total": "2.25"}]
    assert isinstance(refused, Refused)
    assert refused.line == 3
    assert "total does not fit" in refused.reason
    assert "1.255" not in refused.reason
    assert refused.row == '{"total": "1.255"}'


def test_cells_become_what_their_fields_are() -> None:
    rows = read(f"{HEADER}\n7,1.5,true,hi,2026-01-02,{REF},{CUSTOMER},,1\n")
    assert payloads(ORDER, rows) == [
        {
            "number": 7,
            "weight": 1.5,
            "paid": True,
            "note": "hi",
            "due": "2026-01-02",
            "ref": REF,
            "customer": {"name": "Ada", "tags": ["a, b"]},
            "copies": 1,
            "urgent": True,
        }
    ]


def test_an_empty_cell_is_null_or_the_default() -> None:
    [row] = payloads(ORDER, read(f"{HEADER}\n7,1,0,,2026-01-02,{REF},{CUSTOMER},,\n"))
    assert (row["note"], row["copies"], row["urgent"]) == (None, 1, None)


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        (f"seven,1,0,,2026-01-02,{REF},{CUSTOMER},1,", "number"),
        (f"1_0,1,0,,2026-01-02,{REF},{CUSTOMER},1,", "number"),
        (f"7,nan,0,,2026-01-02,{REF},{CUSTOMER},1,", "weight"),
        (f"7,1,yes,,2026-01-02,{REF},{CUSTOMER},1,", "paid"),
        (f"7,1,0,,tomorrow,{REF},{CUSTOMER},1,", "due"),
        (f"7,1,0,,2026-01-02,{REF},Ada,1,", "customer"),
        (f"7,1,0,,2026-01-02,{REF},{CUSTOMER},many,", "copies"),
        (f"99999999999999999999,1,0,,2026-01-02,{REF},{CUSTOMER},1,", "number"),
        ("7,1,0", "3 cells, and the header names 9"),
    ],
)
def test_a_cell_that_is_none_of_its_type_is_refused_by_its_line(cells: str, where: str) -> None:
    good = f"7,1,0,,2026-01-02,{REF},{CUSTOMER},1,"
    rows = read(f"{HEADER}\n{good}\n{cells}\n{good}\n")
    assert [type(row) for row in rows] == [Job, Refused, Job]
    assert isinstance(rows[1], Refused)
    assert rows[1].line == 3
    assert where in rows[1].reason


def test_a_line_number_is_that_where_the_row_begins() -> None:
    note = '"two\nlines"'
    good = f"7,1,0,{note},2026-01-02,{REF},{CUSTOMER},1,"
    rows = read(f"{HEADER}\n{good}\n{good}\nx\n")
    assert [row.line for row in rows] == [2, 4, 6]


def test_what_is_no_utf_8_or_no_csv_is_refused_and_the_rest_goes_on() -> None:
    lines = [b"total\n", b"1.25\n", b"caf\xe9\n", b'"1.2"5\n', b"2.25\n"]
    rows = list(csv_rows(lines, BILL, None))
    assert [(row.line, type(row)) for row in rows] == [
        (2, Job), (3, Refused), (4, Refused), (5, Job),
    ]  # fmt: skip


def test_a_quote_that_is_not_closed_names_all_lines_that_it_takes_in_and_keeps_their_text() -> None:
    rows = read('total\n1.25\n"2.25\n3.25\r\n\n4.25\n', BILL)
    assert payloads(BILL, rows[:1]) == [{"total": "1.25"}]
    [refused] = rows[1:]
    assert isinstance(refused, Refused)
    assert (refused.line, refused.last) == (3, 6)
    assert refused.row == '"2.25\n3.25\r\n\n4.25'
    assert "a quote that is not closed" in refused.reason
    assert "2.25" not in refused.reason


def test_lines_behind_a_quote_that_closes_in_the_wrong_place_are_jobs_again() -> None:
    rows = read('text,number,maybe\n"a,1,\nb,2,\n"c",3,\nd,4,\n', PAIR)
    refused, job = rows
    assert isinstance(refused, Refused)
    assert (refused.line, refused.last, refused.row) == (2, 4, '"a,1,\nb,2,\n"c",3,')
    assert isinstance(job, Job)
    assert (job.line, job.last, job.row) == (5, 5, ["d", "4", ""])


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert len(list(csv_rows([b"\xef\xbb\xbftotal\n", b"1.25\n"], BILL, None))) == 1


@pytest.mark.parametrize(
    ("header", "key", "unknown", "missing", "twice"),
    [
        ("total,extra", None, ("extra",), (), ()),
        ("extra", None, ("extra",), ("total",), ()),
        ("total,total", None, (), (), ("total",)),
        ("total", "id", (), ("id",), ()),
        ("", None, (), ("total",), ()),
    ],
)
def test_columns_that_do_not_fit_are_refused_before_the_first_row(
    header: str, key: str | None, unknown: object, missing: object, twice: object
) -> None:
    rows = csv_rows([f"{header}\n".encode(), b"1.25\n"], BILL, key)
    with pytest.raises(ColumnsRefusedError, match="nothing was submitted") as refused:
        next(rows)
    assert (refused.value.unknown, refused.value.missing) == (unknown, missing)
    assert refused.value.twice == twice


def test_a_payload_that_is_no_record_has_no_columns() -> None:
    schema = AvroSchema.of({"type": "enum", "name": "Colour", "symbols": ["red"]})
    form = PayloadForm("a.type", schema, JsonForm(schema))
    with pytest.raises(ColumnsRefusedError, match="submit JSON lines"):
        next(csv_rows([b"a\n"], form, None))


@pytest.mark.parametrize("key", ["id", "total"])
def test_a_column_is_the_key_whether_the_payload_has_it_or_not(key: str) -> None:
    header = "id,total" if key == "id" else "total"
    line = "a-1,1.25" if key == "id" else "1.25"
    rows = csv_rows([f"{header}\n".encode(), f"{line}\n".encode()], BILL, key)
    [row] = rows
    assert isinstance(row, Job)
    assert row.key == line.partition(",")[0]
    assert payloads(BILL, [row]) == [{"total": "1.25"}]


def test_a_field_is_the_key_of_a_json_line() -> None:
    lines = [b'{"id": 5, "total": "1.25"}', b'{"total": "1.25"}', b'{"id": "", "total": "1.25"}']
    rows = list(json_rows(lines, BILL, "id"))
    assert [row.key if isinstance(row, Job) else "refused" for row in rows] == [
        "5",
        "refused",
        "refused",
    ]
    [inside] = json_rows([b'{"total": "1.25"}'], BILL, "total")
    assert isinstance(inside, Job)
    assert inside.key == "1.25"


class Pair(BaseModel):
    text: str
    number: int
    maybe: str | None


PAIR = form_of(Pair)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"))


@given(TEXTS, st.integers(-(2**63), 2**63 - 1), TEXTS)
def test_what_csv_says_is_what_json_lines_say(text: str, number: int, maybe: str) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    line = f"{quoted(text)},{number},{quoted(maybe)}\n"
    [by_csv] = csv_rows([b"text,number,maybe\n", line.encode()], PAIR, None)
    document = {"text": text, "number": number, "maybe": maybe or None}
    [by_json] = json_rows([json.dumps(document).encode()], PAIR, None)
    assert isinstance(by_csv, Job)
    assert isinstance(by_json, Job)
    assert by_csv.payload.body == by_json.payload.body


def test_a_file_that_is_read_is_known_under_other_names_and_as_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, link, other = (tmp_path / name for name in ("jobs.csv", "link.csv", "other.csv"))
    source.touch()
    other.touch()
    link.symlink_to(source)
    assert is_read(link, source)
    assert not is_read(other, source)
    assert not is_read(tmp_path / "new.jsonl", source)
    with source.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert is_read(link, None)
        assert not is_read(other, None)
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert not is_read(Path("/dev/null"), None)


def test_refused_lines_of_an_earlier_run_are_kept_until_there_are_others(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("of an earlier run")
    with skipping(path) as skipped:
        assert path.read_text() == "of an earlier run"
        skipped(Refused(2, 3, "no CSV", "a\nb"))
        skipped(Refused(5, 5, "no CSV", ["c"]))
    first, second = map(json.loads, path.read_text().splitlines())
    assert first == {"line": 2, "last": 3, "reason": "no CSV", "row": "a\nb"}
    assert (second["row"], skipped.lines) == (["c"], 3)


def test_a_run_that_refuses_nothing_leaves_no_refused_lines_unless_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("of an earlier run")
    refused = ColumnsRefusedError((), (), (), "none")
    with pytest.raises(ColumnsRefusedError), skipping(path):
        raise refused
    assert path.read_text() == "of an earlier run"
    with skipping(path):
        pass
    assert path.read_text() == ""


def test_refused_lines_may_go_to_what_cannot_be_emptied() -> None:
    with skipping(Path("/dev/null")) as skipped:
        skipped(Refused(2, 2, "no CSV", "a"))
    assert skipped.lines == 1


async def test_a_file_that_cannot_be_written_is_refused_before_a_line_is_read(
    tmp_path: Path,
) -> None:
    path, source = tmp_path / "missing" / "bad.jsonl", tmp_path / "bills.jsonl"
    source.write_text('{"total": "1.25"}\n')
    bulk = Bulk(source, Format.JSONL, key=None, skipped=path, as_json=False)
    with pytest.raises(SkippedUnwritableError, match="nothing was submitted") as refused:
        await submit_lines(
            Client(Settings()), BILL, Options(), bulk
        )  # not connected: it sends nothing
    assert (refused.value.path, refused.value.reason) == (path, "No such file or directory")
    assert str(path) in str(refused.value)
    assert exit_code_of(refused.value) is ExitCode.USAGE


def test_the_suffix_says_what_the_lines_are() -> None:
    assert format_of(Path("a.csv"), None) is Format.CSV
    assert format_of(Path("a.NDJSON"), None) is Format.JSONL
    assert format_of(Path("a.txt"), Format.CSV) is Format.CSV
    assert format_of(None, None) is Format.JSONL
    with pytest.raises(typer.BadParameter, match="give --format"):
        format_of(Path("a.txt"), None)
