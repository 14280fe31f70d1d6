"""docs/settings.md, from the settings' models."""

import inspect
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel

from joblog.streams.documents.markdown import code, document, table
from joblog.streams.settings import Settings
from joblog.streams.settings.connection import ConnectionSettings
from joblog.streams.settings.fields import Setting, groups_of, settings_of

_INTRODUCTION: Final = """\
Each setting has a name, for the settings file and for `Settings(...)`, and an environment variable.
What the program gives comes first, then the environment (an empty variable is as good as none),
then the TOML file that `JOBLOG_SETTINGS_FILE` names, then the default. Names that end with `_ms` are
in milliseconds, those that end with `_bytes` in bytes. A value that makes no sense, or a name that
is none, stops the start."""
_FILE: Final = """\
```toml
bootstrap_servers = "kafka-1:9092,kafka-2:9092"
lanes = ["default", "thumbnails"]

[worker]
concurrency = 50
```"""


def settings_document() -> str:
    """Return the document."""
    general = [setting for setting in settings_of(Settings) if len(setting.path) == 1]
    of_connection = [one for one in general if one.name in ConnectionSettings.model_fields]
    parts = [
        _section("The log", [one for one in general if one not in of_connection]),
        _section(_title(ConnectionSettings), of_connection),
        *(_section(_title(group), settings_of(group, path)) for path, group in groups_of(Settings)),
    ]
    return document("Settings", _INTRODUCTION, _FILE, *parts)


def _title(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").partition("\n")[0].rstrip(".")


def _section(title: str, settings: Iterable[Setting]) -> str:
    head = ("Setting", "Environment variable", "Default", "Allowed", "Meaning")
    return f"## {title}\n\n" + table(head, map(_described, settings))


def _described(setting: Setting) -> tuple[str, ...]:
    return (
        code(setting.name),
        code(setting.environment),
        _default(setting),
        setting.allowed,
        setting.field.description or "",
    )


def _default(setting: Setting) -> str:
    default = setting.field.default
    if default is None:
        return "none"
    return code(",".join(default) if isinstance(default, tuple) else str(default))
