"""Judges the history of a namespace: `python -m tests.history --bootstrap … --namespace …`."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError
from rich.console import Console

from tests.history.case import Acknowledged
from tests.history.check import check
from tests.history.errors import HistoryError, MalformedLineError
from tests.history.faults import Fault, FaultKind
from tests.history.history import History
from tests.history.ledger import read_ledger
from tests.history.report import counts_table, rules_table, violations_table


def main(
    bootstrap: Annotated[str, typer.Option(help="Bootstrap servers.")],
    namespace: Annotated[str, typer.Option(help="Prefix of the topics' names.")],
    acknowledged: Annotated[
        Path | None, typer.Option(exists=True, help="Lines of [job id, partition, offset].")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(exists=True, help="The handlers' ledger, a file or a directory.")
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(exists=True, help="Lines of [kind, begin ms, end ms].")
    ] = None,
) -> None:
    """Judge the history of a namespace: exit code 1 where it breaks a rule, 2 where it cannot be judged."""
    console = Console()
    try:
        history = asyncio.run(History.read(bootstrap, namespace))
        violations = check(
            history,
            None if acknowledged is None else list(_acknowledged(acknowledged)),
            None if ledger is None else read_ledger(ledger),
            [] if faults is None else list(_faults(faults)),
        )
    except (HistoryError, KafkaError) as error:
        console.print(f"[red]{error}")
        sys.exit(2)
    console.print(counts_table(history))
    console.print(rules_table(violations))
    if ledger is None:
        console.print("No ledger was given: what handlers did is not judged.")
    if violations:
        console.print(violations_table(violations))
        sys.exit(1)


def _acknowledged(path: Path) -> Iterator[Acknowledged]:
    for line, fields in _lines(path):
        match fields:
            case [str(job_id), int(partition), int(offset)]:
                yield Acknowledged(job_id, partition, offset)
            case _:
                raise MalformedLineError(str(path), line, "expected [job id, partition, offset]")


def _faults(path: Path) -> Iterator[Fault]:
    for line, fields in _lines(path):
        match fields:
            case [str(kind), int(begin_ms), int(end_ms)] if kind in set(FaultKind):
                yield Fault(FaultKind(kind), begin_ms, end_ms)
            case _:
                kinds = ", ".join(FaultKind)
                reason = f"expected [kind, begin ms, end ms] with a kind of {kinds}"
                raise MalformedLineError(str(path), line, reason)


def _lines(path: Path) -> Iterator[tuple[str, object]]:
    for line in path.read_text().splitlines():
        try:
            yield line, json.loads(line)
        except ValueError as error:
            raise MalformedLineError(str(path), line, str(error)) from error


if __name__ == "__main__":
    typer.run(main)
