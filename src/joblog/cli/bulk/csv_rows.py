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
        texts.begin_row()
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(line, reader.line_num, _no_csv(error, texts), texts.row)
            continue
        if not texts.are_utf_8:
            words = "it is no UTF-8: save the file in that encoding"
            yield Refused(line, reader.line_num, words, cells)
        elif cells:
            yield _row(line, reader.line_num, cells, columns, form)


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as error:
        raise ColumnsRefusedError((), (), (), f"the first line is no CSV: {error}") from error


def _no_csv(error: csv.Error, texts: "_Texts") -> str:
    hint = "; a quote that is not closed takes in the lines behind it" if texts.lines > 1 else ""
    return f"it is no CSV: {error}{hint}"


def _row(
    line: int, last: int, cells: list[str], columns: Columns, form: PayloadForm
) -> Job | Refused:
    try:
        return Job(line, last, form.payload(columns.document(cells)), columns.key(cells), cells)
    except JsonMismatchError as error:
        return Refused(line, last, str(error), cells)


class _Texts:
    """Decodes lines, and keeps those of a row: a reader of CSV takes as many as it needs, and may find no row.

    Lines that cannot be decoded are yielded too, and noted, as the reader has to see all.

    Attributes:
        are_utf_8: whether those of the row could be decoded.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self._row: list[str] = []
        self.are_utf_8 = True

    def begin_row(self) -> None:
        """Forget the lines so far."""
        self._row.clear()
        self.are_utf_8 = True

    @property
    def row(self) -> str:
        """The text of the row's lines, without the last line's end."""
        return "".join(self._row).rstrip("\r\n")

    @property
    def lines(self) -> int:
        """How many lines the row has."""
        return len(self._row)

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._lines, start=1):
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            try:
                text = content.decode()
            except UnicodeDecodeError:
                self.are_utf_8 = False
                text = content.decode(errors="replace")
            self._row.append(text)
            yield text
