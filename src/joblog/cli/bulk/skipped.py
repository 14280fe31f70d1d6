"""Where lines go that are refused and not to end a submission."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from joblog.cli.bulk.errors import SkippedUnwritableError
from joblog.cli.bulk.rows import Refused


class Skipped:
    """Writes refused lines, each as a JSON document with what is wrong with it.

    Args:
        file: where to; open to append. It is emptied when the first line is refused.

    Attributes:
        lines: how many there are.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.lines = 0

    def __call__(self, refused: Refused) -> None:
        """Write a line."""
        if not self.lines:
            self.empty()
        self.lines += refused.last - refused.line + 1
        self._file.write(json.dumps(refused._asdict(), ensure_ascii=False) + "\n")

    def empty(self) -> None:
        """Remove what an earlier run wrote; a pipe or a device has nothing to be removed."""
        if stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            self._file.truncate(0)


@contextmanager
def skipping(path: Path) -> Iterator[Skipped]:
    """Open the file of refused lines, for a block that submits.

    What an earlier run wrote stays until there are others, or the block has ended well without any: it is not
    lost to a run that submits nothing, and never taken for what a later run refused.

    Raises:
        SkippedUnwritableError: it cannot be written.
    """
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise SkippedUnwritableError(path, error.strerror or str(error)) from error
    with file:
        skipped = Skipped(file)
        yield skipped
        if not skipped.lines:
            skipped.empty()
