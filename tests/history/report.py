"""Violations and counts for people."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console, RenderableType
from rich.table import Table

from tests.history.check import RULES, Violation
from tests.history.history import History

MOST_ROWS = 50
WIDTH = 160


def violations_table(violations: Sequence[Violation]) -> Table:
    """Return the first violations as a table."""
    table = Table(title=f"{len(violations)} violations", show_lines=True)
    for heading in ("rule", "job", "what", "records"):
        table.add_column(heading, overflow="fold")
    for violation in violations[:MOST_ROWS]:
        places = "\n".join(str(at) for at in violation.at)
        table.add_row(violation.rule, violation.job, violation.detail, places)
    if len(violations) > MOST_ROWS:
        table.add_row("…", "", f"{len(violations) - MOST_ROWS} more", "")
    return table


def rules_table(violations: Sequence[Violation]) -> Table:
    """Return what was checked, with the number of violations of each rule."""
    found = Counter(violation.rule for violation in violations)
    table = Table(title="rules")
    table.add_column("rule")
    table.add_column("what it says", overflow="fold")
    table.add_column("violations", justify="right")
    for rule in RULES:
        says = (rule.__doc__ or "").partition("\n")[0]
        table.add_row(rule.__name__, says, str(found[rule.__name__]))
    return table


def counts_table(history: History) -> Table:
    """Return how many records of which event there are, by kind of topic."""
    table = Table(title=f"records of {history.namespace}")
    table.add_column("topics")
    table.add_column("event")
    table.add_column("records", justify="right")
    families = {
        "events": list(history.events),
        "work": history.work,
        "delay": history.delay,
        "dead letters": history.dead_letters,
        "control": history.control,
        "rows": list(history.rows.values()),
    }
    for family, records in families.items():
        names = Counter("-" if record.event is None else record.event.name for record in records)
        for name, count in sorted(names.items()):
            table.add_row(family, name, f"{count:,}")
    return table


def as_text(*parts: RenderableType) -> str:
    """Return tables as plain text."""
    console = Console(width=WIDTH, color_system=None)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return captured.get()
