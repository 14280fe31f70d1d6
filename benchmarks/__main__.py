"""`make bench`: joblog and its peers in turn, several rounds, a table with medians and spread."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track

from benchmarks import joblog_system, report
from benchmarks.peers import system as peer_system
from benchmarks.peers.catalog import PEERS
from benchmarks.result import Run, load, source_hash, store

System = Callable[[int, Path], Run]
SYSTEMS: Final[dict[str, System]] = {
    joblog_system.SHOWN: joblog_system.run,
    **{peer.shown: partial(peer_system.run, peer) for peer in PEERS},
}
RESULTS: Final = Path("benchmarks/results/noop.json")


def main() -> int:
    """Run what is missing of the rounds, and print the tables; 0 where every bar holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round, not stored: 3 minutes")
    parser.add_argument("--fresh", action="store_true", help="forget the stored rounds")
    parser.add_argument(
        "--only", nargs="+", choices=[peer.shown for peer in PEERS], help="these peers, not stored"
    )
    options = parser.parse_args()
    return report.show(_measured(options), Console())


def _measured(options: argparse.Namespace) -> list[Run]:
    keep = not (options.quick or options.only)
    rounds = 1 if options.quick else options.rounds
    runs = load(RESULTS) if keep and not options.fresh else []
    runs = [run for run in runs if (run.asked, run.source) == (options.jobs, source_hash())]
    turns = [name for number in range(rounds) for name in _order(number, options.only)]
    for name in track(turns[len(runs) :], "measuring", console=Console(stderr=True)):
        with tempfile.TemporaryDirectory(prefix="joblog-bench-") as directory:
            run = SYSTEMS[name](options.jobs, Path(directory))
        runs.append(replace(run, source=source_hash(), asked=options.jobs))
        if keep:
            store(RESULTS, runs)
    return runs


def _order(number: int, only: list[str] | None) -> list[str]:
    """Each round begins with another system."""
    names = [name for name in SYSTEMS if not only or name in {joblog_system.SHOWN, *only}]
    first = number % len(names)
    return names[first:] + names[:first]


if __name__ == "__main__":
    sys.exit(main())
