"""Jobs from CSV."""

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from joblog.cli.bulk.columns import Columns
from joblog.cli.bulk.errors import ColumnsRefusedError
from joblog.cli.bulk.rows import Job, Refused, Rows
from joblog.cli.payload_type import PayloadForm
from joblog.client.errors import JsonMismatchError

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Some programs begin files in UTF-8 with it."""

LARGEST_CELL: Final = 64 * 1024 * 1024
"""Characters of a cell: no submission can be larger. Python's default is 128 KiB."""


def csv_rows(lines: Iterable[bytes], form: PayloadForm, key_column: str | None) -> Rows:
    """Yield a job for each row that is not empty, or why it is none.

    Args:
        lines: in UTF-8; the first names the columns. A quoted cell may have several lines.
        form: what payloads look like.
        key_column: has the idempotency key, None where there is none.

    Raises:
        ColumnsRefusedError: the columns are not those of the payload; before the first row is yielded.
    """
    csv.field_size_limit(LARGEST_CELL)
    texts = _Texts(lines)
    reader = csv.reader(texts, strict=True)
    columns = Columns(_header(reader), form.schema, key_column)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(line, f"it is no CSV: {error}", "")
            continue
        if texts.undecodable:
            texts.undecodable.clear()
            yield Refused(line, "it is no UTF-8: save the file in that encoding", cells)
        elif cells:
            yield _row(line, cells, columns, form)


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as error:
        raise ColumnsRefusedError((), (), (), f"the first line is no CSV: {error}") from error


def _row(line: int, cells: list[str], columns: Columns, form: PayloadForm) -> Job | Refused:
    try:
        return Job(line, form.payload(columns.document(cells)), columns.key(cells), cells)
    except JsonMismatchError as error:
        return Refused(line, str(error), cells)


class _Texts:
    """Decodes lines; those that cannot be are yielded too, and noted, as a reader of CSV has to see all."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.undecodable: list[int] = []

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, start=1):
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            try:
                yield content.decode()
            except UnicodeDecodeError:
                self.undecodable.append(number)
                yield content.decode(errors="replace")
