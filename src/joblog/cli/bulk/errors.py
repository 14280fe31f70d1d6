"""What keeps lines from becoming jobs. Each message holds the value, the rule and the fix."""

from pathlib import Path

from joblog.schemas.errors import JoblogError


class ColumnsRefusedError(JoblogError):
    """The columns of CSV are not those of the payload; nothing was submitted.

    Attributes:
        unknown: columns that are no fields.
        missing: fields without a default, and the column of keys, that have no column.
        twice: columns that stand there more than once.
    """

    def __init__(
        self,
        unknown: tuple[str, ...],
        missing: tuple[str, ...],
        twice: tuple[str, ...],
        reason: str = "",
    ) -> None:
        self.unknown = unknown
        self.missing = missing
        self.twice = twice
        parts = {"no field of the payload": unknown, "missing": missing, "named twice": twice}
        words = [f"{', '.join(names)}: {what}" for what, names in parts.items() if names]
        super().__init__(
            f"the columns do not fit ({reason or '; '.join(words)}): the first line names the payload's fields, "
            "and --key-column a column of idempotency keys; nothing was submitted"
        )


class SkippedUnwritableError(JoblogError):
    """The file that refused lines are to go into cannot be written; nothing was submitted.

    Attributes:
        path: the file.
        reason: what the system says.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"--skip-bad {path} cannot be written ({reason}): name a file that can be, in a directory that "
            "exists; nothing was submitted"
        )


class LineRefusedError(JoblogError):
    """A line of the input is no job of the type, or several are no CSV.

    Attributes:
        line: its number, or that of the first, from 1.
        last: the number of the last, or again its own.
        reason: what is wrong with it.
        submitted: jobs submitted before it.
    """

    def __init__(self, line: int, last: int, reason: str, submitted: int) -> None:
        self.line = line
        self.last = last
        self.reason = reason
        self.submitted = submitted
        where = f"line {line}" if line == last else f"lines {line} to {last}"
        super().__init__(
            f"{where}: {reason}; the {submitted} jobs of the lines before it are submitted: mend what stands "
            "there and go on from there, or give --skip-bad"
        )


class LinesRefusedError(JoblogError):
    """Some lines of the input are no jobs; all others are submitted.

    Attributes:
        refused: how many there are.
        path: where they stand, with what is wrong with them.
        submitted: jobs submitted.
    """

    def __init__(self, refused: int, path: Path, submitted: int) -> None:
        self.refused = refused
        self.path = path
        self.submitted = submitted
        super().__init__(
            f"{submitted} jobs submitted, {refused} lines refused: {path} says what is wrong with each; mend "
            "them and submit them alone"
        )


class LinesUnconfirmedError(JoblogError):
    """Kafka did not acknowledge some lines; they may be in the log all the same.

    Attributes:
        first: number of the first line.
        last: number of the last line that was sent with it.
        submitted: jobs submitted before them.
    """

    def __init__(self, first: int, last: int, submitted: int, reason: str) -> None:
        self.first = first
        self.last = last
        self.submitted = submitted
        super().__init__(
            f"lines {first} to {last} were not acknowledged ({reason}) and may be jobs or not; the {submitted} "
            f"jobs before them are submitted: go on from line {first}; with --key-column no job is repeated"
        )
