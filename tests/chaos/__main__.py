"""`python -m tests.chaos 1-150`: runs the plans of seeds that have no outcome yet, and shows all."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track

from joblog.cli.logs import keep_libraries_quiet
from tests.chaos.bars import BARS
from tests.chaos.outcome import Outcome
from tests.chaos.plan import Plan
from tests.chaos.report import as_table
from tests.chaos.run import run
from tests.chaos.store import directory, keep, keep_figures, load


def main() -> int:
    """Run what is missing; exit with 1 where a rule was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("seeds", nargs="?", default="1-150", help="first and last seed, as 1-150")
    parser.add_argument("--bars", nargs="+", choices=list(BARS), help="only these bars, no seeds")
    parser.add_argument("--again", action="store_true", help="run those that have an outcome too")
    options = parser.parse_args()
    keep_libraries_quiet()
    if options.bars:
        return _measure(options.bars, Console())
    first, _, last = options.seeds.partition("-")
    wanted = range(int(first), int(last or first) + 1)
    known = {} if options.again else load()
    console = Console()
    for seed in track(
        [seed for seed in wanted if seed not in known], "seeds", console=Console(stderr=True)
    ):
        outcome = run_seed(seed)
        keep(outcome)
        _tell(outcome, console)
    outcomes = [outcome for seed, outcome in load().items() if seed in wanted]
    console.print(as_table(outcomes))
    return any(outcome.violations for outcome in outcomes)


def _measure(names: list[str], console: Console) -> int:
    held = True
    for name in names:
        with tempfile.TemporaryDirectory(prefix="joblog-chaos-") as directory:
            figures = asyncio.run(BARS[name](Path(directory)))
        keep_figures(name, figures)
        for figure in figures:
            held = held and figure.holds
            verdict = "holds" if figure.holds else "fails"
            console.print(f"{figure.what}: {figure.value:.1f} ({figure.bar}): {verdict}")
    return not held


def run_seed(seed: int) -> Outcome:
    """Run a seed's plan; what it leaves behind is kept where a rule was broken."""
    with tempfile.TemporaryDirectory(prefix="joblog-chaos-", ignore_cleanup_errors=True) as name:
        outcome = asyncio.run(run(Plan.of(seed), Path(name)))
        if outcome.violations:
            _keep_logs(Path(name), directory() / f"seed-{seed}")
    return outcome


def _keep_logs(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source / "logs", target)
    shutil.copy(source / "ledger.jsonl", target)


def _tell(outcome: Outcome, console: Console) -> None:
    faults = ", ".join(
        f"{one.step.fault} {one.step.target}".strip()
        + ("" if one.recovered_ms is None else f" ({one.recovered_ms / 1_000:.1f} s)")
        for one in outcome.done
    )
    console.print(
        f"seed {outcome.seed}: {outcome.seconds:.0f} s, {outcome.acknowledged:,} jobs, "
        f"{outcome.unconfirmed} unconfirmed, {sum(outcome.restarts.values())} restarts: {faults}"
    )
    for violation in outcome.violations[:5]:
        console.print(f"  {violation}", style="red")
    if len(outcome.violations) > 5:
        console.print(f"  and {len(outcome.violations) - 5} more", style="red")


if __name__ == "__main__":
    sys.exit(main())
