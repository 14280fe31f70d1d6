"""What a test asserts."""

from collections.abc import Iterable

from tests.history.case import Acknowledged
from tests.history.check import check
from tests.history.errors import UnsoundHistoryError
from tests.history.faults import Fault
from tests.history.history import History
from tests.history.ledger import Effect
from tests.history.report import as_text, counts_table, violations_table


def assert_sound(
    history: History,
    acknowledged: Iterable[Acknowledged] | None,
    effects: Iterable[Effect] | None,
    faults: Iterable[Fault] = (),
) -> None:
    """Pass if a history keeps all rules; arguments as in `check`.

    Raises:
        UnsoundHistoryError: it breaks some; the message has a table of the violations.
    """
    violations = check(history, acknowledged, effects, faults)
    if violations:
        raise UnsoundHistoryError(
            "\n" + as_text(violations_table(violations), counts_table(history))
        )
