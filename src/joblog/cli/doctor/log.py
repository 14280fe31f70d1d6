"""Looks at the log: that it is opened, who works on it, what is declared, and how far behind it is."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from joblog.cli.doctor.backlog import records_behind
from joblog.cli.doctor.finding import Finding, ok, problem, warning
from joblog.client.announced import Announced
from joblog.client.schemas import announced_schemas
from joblog.client.status import Group, PartitionStatus, Status, read_status
from joblog.schemas.models import LogOpened, TypeAnnounced
from joblog.streams import groups
from joblog.streams.kafka import check_topics
from joblog.streams.kafka.log_opening import openings
from joblog.streams.settings import Settings

LAG_NOTICED: Final = 10_000
"""Records that a scheduler under load may be behind: a second or two."""

STABLE: Final = "Stable"


async def opening_findings(settings: Settings) -> list[Finding]:
    """Return whether each partition was opened for this log.

    Raises:
        JoblogError: the log cannot be read.
    """
    log_id = (await check_topics(settings)).log_id
    found = await openings(settings)
    return [opened(log_id, settings.partitions, found)]


async def process_findings(settings: Settings) -> list[Finding]:
    """Return whether schedulers, delay services and workers are there, and how far behind they are.

    Raises:
        JoblogError: the log cannot be read.
    """
    status = await read_status(settings)
    behind = await records_behind(settings)
    return [*scheduler_findings(status.partitions), *group_findings(settings, status, behind)]


async def declaration_findings(settings: Settings) -> list[Finding]:
    """Return which types are declared, and whether the schemas of their payloads are there.

    Raises:
        JoblogError: the log cannot be read.
    """
    announced = Announced(settings)
    try:
        await announced.start()
        types = dict(announced.types)
    finally:
        await announced.stop()
    return list(type_findings(types, (await announced_schemas(settings)).keys()))


def opened(log_id: str, partitions: int, found: Mapping[int, LogOpened | None]) -> Finding:
    """Return whether all partitions begin with their opening."""
    foreign = {number: one.log_id for number, one in found.items() if one and one.log_id != log_id}
    if foreign:
        number, other = next(iter(foreign.items()))
        return problem(
            "log",
            f"partition {number} was opened for log {other}, and the topic is log {log_id}",
            "its records were copied here: replay them into topics of another namespace",
        )
    counts = {one.partitions for one in found.values() if one} - {partitions}
    if counts:
        words = f"it was opened with {counts.pop()} partitions, and has {partitions}"
        return problem("log", words, "replay it into topics of another namespace")
    unopened = [str(number) for number, one in found.items() if one is None]
    if unopened:
        return warning(
            "log",
            f"partitions {', '.join(unopened)} do not begin with their opening",
            "joblog topics create opens what is not; where others wrote first, it stands behind that",
        )
    return ok("log", f"{log_id}, opened in {partitions} partitions")


def scheduler_findings(partitions: Iterable[PartitionStatus]) -> Iterator[Finding]:
    """Yield what is wrong with the owners of partitions, or that nothing is."""
    all_of_them = list(partitions)
    troubles = [trouble for one in all_of_them if (trouble := _owner(one)) is not None]
    yield from troubles
    if not troubles:
        lag = sum(one.lag or 0 for one in all_of_them)
        words = (
            f"all {len(all_of_them)} partitions are owned and answered for, {lag:,} records behind"
        )
        yield ok("schedulers", words)


def group_findings(
    settings: Settings, status: Status, behind: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield for each consumer group that there has to be whether it is alive.

    Args:
        settings: which groups there have to be.
        status: which there are.
        behind: records on their topics that are not done, by group.
    """
    found = {group.name: group for group in status.groups}
    namespace = settings.namespace
    wanted = {groups.schedulers(namespace): "joblog scheduler"}
    wanted[groups.delays(namespace)] = "joblog delays"
    for lane in settings.lanes:
        wanted[groups.workers(namespace, lane)] = "joblog worker MODULE"
    if settings.registry.url is not None:
        wanted[groups.bridges(namespace)] = "joblog bridge"
    for name, command in wanted.items():
        yield _group(name, command, found.get(name), behind.get(name))


def type_findings(
    types: Mapping[str, TypeAnnounced], schemas: Iterable[bytes]
) -> Iterator[Finding]:
    """Yield which types are declared, and those whose payloads nobody can write."""
    known = set(schemas)
    for type_, declared in sorted(types.items()):
        if not known.intersection(declared.payload_schemas):
            words = "none of its payload schemas is announced"
            yield problem(f"type {type_}", words, "start its worker again, which announces them")
    if types:
        yield ok("types", f"{', '.join(sorted(types))}; {len(known)} schemas")
    else:
        words = "no worker has declared any"
        yield warning("types", words, "start one: joblog worker MODULE")


def _owner(found: PartitionStatus) -> Finding | None:
    check = f"partition {found.partition}"
    if found.owner is None:
        words = "no scheduler has announced itself"
        return problem(check, words, "start one: joblog scheduler")
    if found.depth is None:
        return problem(
            check,
            f"its scheduler at {found.owner} does not answer",
            "start it again, or let it listen where this machine reaches it (JOBLOG_SIGNALS__HOST)",
        )
    if found.depth.stopped is not None:
        remedy = "see joblog dlq list, mend who writes or reads these records, and start its scheduler again"
        return problem(check, f"it has stopped: {found.depth.stopped}", remedy)
    if found.lag is not None and found.lag > LAG_NOTICED:
        words = f"its scheduler is {found.lag:,} records behind"
        return warning(
            check, words, "see whether that shrinks (joblog status); else add schedulers"
        )
    return None


def _group(name: str, command: str, found: Group | None, behind: int | None) -> Finding:
    check = f"group {name}"
    waiting = "" if behind is None else f", {behind:,} records not done"
    if found is None or not found.members:
        return problem(check, f"has no members{waiting}", f"start one: {command}")
    words = f"{len(found.members)} members{waiting}"
    if found.state != STABLE:
        remedy = "its members agree on who has what: look again in some seconds"
        return warning(check, f"{found.state}, {words}", remedy)
    return ok(check, words)
