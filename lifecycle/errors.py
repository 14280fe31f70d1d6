"""Errors of decisions that must end the process."""

from joblog.schemas.errors import JoblogError


class UnknownRulesError(JoblogError):
    """The log asks for a rules version that this program does not have.

    Attributes:
        rules: the version asked for.
        known: the versions that this program has.
    """

    def __init__(self, rules: int, known: tuple[int, ...]) -> None:
        self.rules = rules
        self.known = known
        super().__init__(
            f"the log follows rules version {rules}, but this program has only {known}: "
            "run a program that has it, or wait until all schedulers are upgraded"
        )


class WrongLogError(JoblogError):
    """The state was folded from another log than the one that is read.

    Attributes:
        expected: what the state says.
        found: what the log says.
    """

    def __init__(self, what: str, expected: object, found: object) -> None:
        self.what = what
        self.expected = expected
        self.found = found
        super().__init__(
            f"{what} of the log is {found!r}, but the state was folded from {expected!r}: the topic was made "
            "anew or its partitions were changed; restore the topic, or start with empty state in a new namespace"
        )
