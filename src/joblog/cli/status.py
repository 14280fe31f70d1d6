"""`joblog status`: what waits, what runs, who owns what, how far behind."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import typer

from joblog.cli.options import Json, runs
from joblog.cli.output import print_json, print_table, utc
from joblog.client.status import Line, PartitionStatus, Status, read_status
from joblog.streams.machine_clock import now_ms
from joblog.streams.settings import Settings


@runs
async def status(*, json: Json = False) -> None:
    """Show partitions, queues, lanes and processes."""
    found = await read_status(Settings())
    now = now_ms()
    if json:
        print_json(_as_json(found))
        return
    _section(
        "partitions",
        ("partition", "owner", "since (UTC)", "folded", "end", "lag"),
        [_partition_row(partition) for partition in found.partitions],
    )
    stopped = [
        (it.partition, it.depth.stopped) for it in found.partitions if it.depth and it.depth.stopped
    ]
    if stopped:
        _section("stopped partitions", ("partition", "reason"), stopped)
    _section(
        "queues",
        ("type", "queue", "waiting", "oldest", "blocked"),
        [
            (line.type, line.queue, line.jobs, _age(line, now), line.blocked)
            for line in found.queues
        ],
    )
    _section("attempts in flight", ("lane", "attempts"), list(found.in_flight.items()))
    _section(
        "processes",
        ("group", "state", "members"),
        [(group.name, group.state, "\n".join(group.members)) for group in found.groups],
    )


def _section(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        print_table(headings, rows, title=title)
    else:
        typer.echo(f"{title}: none")


def _partition_row(found: PartitionStatus) -> Sequence[object]:
    folded = "no answer" if found.depth is None else found.depth.offset
    return found.partition, found.owner or "none", utc(found.since), folded, found.end, found.lag


def _age(line: Line, now: int) -> str:
    if line.oldest is None:
        return ""
    return str(timedelta(seconds=max(0, now - line.oldest) // 1_000))


def _as_json(found: Status) -> dict[str, Any]:
    return {
        "partitions": [
            {
                **partition._asdict(),
                "lag": partition.lag,
                "depth": partition.depth and partition.depth.model_dump(),
            }
            for partition in found.partitions
        ],
        "queues": [queue.model_dump() for queue in found.queues],
        "in_flight": found.in_flight,
        "groups": [group._asdict() for group in found.groups],
    }
