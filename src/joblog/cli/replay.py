"""`joblog replay` and `joblog verify`: the tables from the log alone."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from joblog.cli.exit_codes import ExitCode
from joblog.cli.options import Json, runs
from joblog.cli.output import Steps, note, print_json, print_table, progress_bar
from joblog.client.errors import JobNotFoundError
from joblog.processors.replay.rebuild import COMMIT_RECORDS, Rebuild
from joblog.processors.replay.rows import jobs_by_status, position_of
from joblog.processors.replay.verify import PartitionProof, Verification
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings
from joblog.streams.store import state_digest
from joblog.streams.store.local import LocalDatabase

CommitRecords = Annotated[
    int, typer.Option(min=1, help="Records between two writes; the result does not depend on it.")
]
DIGEST_SHOWN = 16


@runs
async def replay(*, commit_records: CommitRecords = COMMIT_RECORDS, json: Json = False) -> None:
    """Fold the log from its first record into empty tables, and show what comes out."""
    settings = Settings()
    with TemporaryDirectory(prefix="joblog-replay-") as directory:
        rebuild = Rebuild(settings, Path(directory), commit_records)
        ends = await rebuild.ends()
        with progress_bar("replaying", sum(ends.values())) as steps:
            rebuild.progress = _summing(steps, sum(ends.values()))
            tables = [
                _summary(number, await rebuild.partition(number, end))
                for number, end in sorted(ends.items())
            ]
    if json:
        for table in tables:
            print_json(table)
        return
    print_table(
        ("partition", "offset", "hash", "jobs by state"),
        (
            (t["partition"], t["offset"], t["hash"][:DIGEST_SHOWN], _counts(t["jobs"]))
            for t in tables
        ),
    )


@runs
async def verify(
    *,
    commit_records: CommitRecords = COMMIT_RECORDS,
    plant: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Change this job's row in the copy of the live tables first: it has to be found.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare the live tables with a replay of the log, by hash; exit with 1 where they differ."""
    settings = Settings()
    with TemporaryDirectory(prefix="joblog-verify-") as directory:
        rebuild = Rebuild(settings, Path(directory), commit_records)
        verification = Verification(settings, Path(directory), rebuild, now_ms, plant)
        total = sum((await rebuild.ends()).values())
        with progress_bar("replaying", total) as steps:
            rebuild.progress = _summing(steps, total)
            proofs = [await verification.partition(number) for number in range(settings.partitions)]
    _show(proofs, json=json)
    if plant is not None and not verification.planted:
        raise JobNotFoundError(plant)
    if not all(proof.holds for proof in proofs):
        raise typer.Exit(ExitCode.FAILURE)


def _show(proofs: list[PartitionProof], *, json: bool) -> None:
    if json:
        for proof in proofs:
            differences = [difference._asdict() for difference in proof.differences]
            print_json({**proof._asdict(), "holds": proof.holds, "differences": differences})
        return
    print_table(
        ("partition", "offset", "jobs", "live", "replayed", "are"),
        (
            (
                p.partition,
                p.offset,
                p.jobs,
                p.live[:DIGEST_SHOWN],
                p.replayed[:DIGEST_SHOWN],
                _word(p),
            )
            for p in proofs
        ),
    )
    for proof in proofs:
        for entry, live, replayed in proof.differences:
            note(f"partition {proof.partition}, {entry}: live {live}, replayed {replayed}")


def _word(proof: PartitionProof) -> str:
    return "equal" if proof.holds else "DIFFERENT"


def _summary(number: int, local: LocalDatabase) -> dict[str, Any]:
    try:
        return {
            "partition": number,
            "offset": position_of(local),
            "hash": state_digest(local).hex(),
            "jobs": jobs_by_status(local),
        }
    finally:
        local.close()


def _counts(jobs: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in sorted(jobs.items()))


def _summing(steps: Steps, total: int) -> Callable[[int], None]:
    done = 0

    def add(more: int) -> None:
        nonlocal done
        done += more
        steps(done, total)

    return add
