"""The tables at the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from examples.saas.demo.evidence import Evidence
from examples.saas.demo.outcome import Outcome
from examples.saas.demo.services import Ended
from examples.saas.demo.stages import Spread, Stages
from examples.saas.demo.workload import KINDS
from joblog import Status

SHOWN: Final = 16
"""Digits of a hash that are shown."""


def counts_table(outcomes: Sequence[Outcome]) -> Table:
    """Return how many jobs of each kind were submitted, and how they ended."""
    headings = ("submitted", "jobs", "succeeded", "retried", "dead-lettered", "cancelled")
    table = _table("Jobs", "kind", *headings)
    for kind in KINDS:
        table.add_row(kind, *_counts([found for found in outcomes if found.planned.kind == kind]))
    table.add_section()
    table.add_row("all", *_counts(outcomes))
    return table


def stages_table(outcomes: Sequence[Outcome]) -> Table:
    """Return how long jobs that ran once, and as soon as possible, were in each stage."""
    stages = ("submitted → dispatched", "dispatched → started", "started → ended", "total")
    table = _table("Milliseconds in each stage, p50 / p99", "kind", *stages)
    for kind in KINDS:
        jobs = [
            outcome.job
            for outcome in outcomes
            if outcome.planned.kind == kind and "not_before" not in outcome.planned.options
        ]
        table.add_row(kind, *map(_spread, Stages.of(jobs)))
    return table


def letters_line(letters: Sequence[Mapping[str, Any]]) -> str:
    """Return how many dead letters there are, by reason."""
    reasons = Counter(letter["reason"] for letter in letters)
    return "Dead letters: " + ", ".join(
        f"{count} {reason}" for reason, count in sorted(reasons.items())
    )


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _counts(outcomes: Sequence[Outcome]) -> list[str]:
    states = Counter(outcome.job.status for outcome in outcomes)
    counts = (
        sum(outcome.planned.copies for outcome in outcomes),
        len(outcomes),
        states[Status.SUCCEEDED],
        sum(outcome.job.attempt > 1 for outcome in outcomes),
        states[Status.DEAD_LETTERED],
        states[Status.CANCELLED],
    )
    return [f"{count:,}" for count in counts]


def _spread(spread: Spread | None) -> str:
    return "" if spread is None else f"{spread.p50:,.0f} / {spread.p99:,.0f}"


def show(evidence: Evidence, console: Console) -> None:
    """Show tables, one job's history, and the proof."""
    console.print(counts_table(evidence.outcomes), stages_table(evidence.outcomes), sep="\n")
    console.print(letters_line(evidence.answers.letters))
    console.print("\nThe history of a job that was retried, from all topics:")
    console.print(*evidence.answers.history.lines, sep="\n", markup=False, soft_wrap=True)
    console.print(proof_table(evidence.answers.proof))
    console.print(*planted_lines(evidence.answers.planted), sep="\n", markup=False, soft_wrap=True)


def proof_table(proof: Ended) -> Table:
    """Return the hashes of the live tables and of those that were rebuilt from the log."""
    headings = ("partition", "position", "jobs", "hash of live", "hash of rebuilt", "")
    table = _table("Tables, live and rebuilt from joblog.events alone", *headings)
    for found in proof.documents:
        hashes = (found[side][:SHOWN] for side in ("live", "replayed"))
        word = "equal" if found["holds"] else "DIFFERENT"
        table.add_row(
            str(found["partition"]), str(found["offset"]), str(found["jobs"]), *hashes, word
        )
    return table


def planted_lines(planted: Ended) -> list[str]:
    """Return what was found where a row had been changed."""
    return [
        f"one row changed: partition {found['partition']}, {different['entry']}: "
        f"live {different['live']}, rebuilt {different['replayed']}"
        for found in planted.documents
        for different in found["differences"]
    ]
