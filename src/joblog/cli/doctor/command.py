"""Runs all checks, one after the other, however much is broken."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Final

import typer
from aiokafka.errors import KafkaError

from joblog.cli.doctor.cluster import (
    broker_findings,
    clock_finding,
    newest_record_finding,
    topic_findings,
)
from joblog.cli.doctor.finding import Finding, Verdict, found_and_fix, problem, unknown
from joblog.cli.doctor.log import declaration_findings, opening_findings, process_findings
from joblog.cli.doctor.machine import (
    embedded_broker,
    server_findings,
    settings_findings,
    settings_refused,
)
from joblog.cli.exit_codes import ExitCode
from joblog.cli.options import Json, runs
from joblog.cli.output import print_json, print_table
from joblog.schemas.errors import JoblogError
from joblog.streams.errors import SettingsError
from joblog.streams.kafka.broker_clock import measure_ahead_ms, newest_log_time
from joblog.streams.machine_clock import now_ms
from joblog.streams.roles import Role
from joblog.streams.settings import Settings

CHECK_SECONDS: Final = 20.0
"""Longest time of one check."""

OF_THE_LOG: Final = ("clocks", "log", "processes", "types")

Check = Callable[[], Awaitable[list[Finding]]]
AsRole = Annotated[
    Role | None, typer.Option("--role", help="What this login is to do: its rights are checked.")
]
MeasureClock = Annotated[
    bool,
    typer.Option(
        "--measure-clock",
        help="Append a record that changes nothing, whose log time tells the broker's clock.",
    ),
]


@runs
async def doctor(
    *, role: AsRole = None, measure_clock: MeasureClock = False, json: Json = False
) -> None:
    """Check settings, Kafka, topics, rights and processes, and say what to do.

    The exit code is 1 where there is a problem. Nothing is written, unless --measure-clock is given.
    """
    findings = await examine(role, measure_clock=measure_clock)
    if json:
        for finding in findings:
            print_json(finding._asdict())
    else:
        print_table(("check", "verdict", "found", "what to do"), findings)
    if any(finding.verdict is Verdict.PROBLEM for finding in findings):
        raise typer.Exit(ExitCode.FAILURE)


async def examine(role: Role | None, *, measure_clock: bool) -> list[Finding]:
    """Return what all checks find; where one shows that others make no sense, they are left out."""
    try:
        settings = Settings()
    except SettingsError as error:
        return [*settings_refused(error), unknown("all else", "mend the settings first")]
    findings = list(settings_findings(settings))
    findings += await _safely("servers", lambda: server_findings(settings))
    broker = await _safely("broker", lambda: broker_findings(settings))
    if _is_broken(one for one in broker if one.check == "broker"):
        if "bootstrap_servers" not in settings.model_fields_set:
            findings.append(embedded_broker())
        return [*findings, *broker, *_unchecked(("topics", *OF_THE_LOG), "no broker answers")]
    topics = await _safely("topics", lambda: topic_findings(settings, role))
    findings += [*broker, *topics]
    if _is_broken(one for one in topics if one.check != "permissions"):
        return [*findings, *_unchecked(OF_THE_LOG, "topics have to be mended first")]
    return findings + [
        finding
        for name, check in _of_the_log(settings, measure_clock=measure_clock)
        for finding in await _safely(name, check)
    ]


def _of_the_log(settings: Settings, *, measure_clock: bool) -> Iterable[tuple[str, Check]]:
    async def clocks() -> list[Finding]:
        if measure_clock:
            return [clock_finding(await measure_ahead_ms(settings, now_ms))]
        return [newest_record_finding(await newest_log_time(settings), now_ms())]

    checks: tuple[Check, ...] = (
        clocks,
        lambda: opening_findings(settings),
        lambda: process_findings(settings),
        lambda: declaration_findings(settings),
    )
    return zip(OF_THE_LOG, checks, strict=True)


async def _safely(name: str, check: Check) -> list[Finding]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return list(await check())
    except TimeoutError:
        words = f"no answer within {CHECK_SECONDS:g} s"
        return [problem(name, words, "see whether all brokers answer, and what their logs say")]
    except (JoblogError, KafkaError) as error:
        return [problem(name, *found_and_fix(str(error)))]


def _is_broken(findings: Iterable[Finding]) -> bool:
    return any(finding.verdict is Verdict.PROBLEM for finding in findings)


def _unchecked(names: Iterable[str], why: str) -> list[Finding]:
    return [unknown(name, why) for name in names]
