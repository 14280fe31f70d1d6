"""From what pydantic refuses to what an operator can act on, without a secret."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from joblog.streams.errors import SettingProblem
from joblog.streams.settings.fields import (
    ENVIRONMENT_PREFIX,
    Setting,
    environment_name,
    settings_of,
)
from joblog.streams.settings.rules import ALLOWED, MASKED, REFUSED

FILE_VARIABLE: Final = ENVIRONMENT_PREFIX + "SETTINGS_FILE"
_CLOSE: Final = 0.8  # of 1: a letter or two off


def problems_in(error: ValidationError, model: type[BaseModel]) -> list[SettingProblem]:
    """Return what is wrong with each setting that pydantic refused."""
    known = {setting.path: setting for setting in settings_of(model)}
    return [_problem(details, known) for details in error.errors(include_url=False)]


def unknown_variables(
    environment: Mapping[str, str], model: type[BaseModel]
) -> Iterator[SettingProblem]:
    """Yield the variables that look like settings but are none; misspelt, they change nothing."""
    known = [FILE_VARIABLE, *(setting.environment for setting in settings_of(model))]
    for name in map(str.upper, environment):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            yield SettingProblem(name, name, MASKED, _no_such(name, known))


def _problem(details: ErrorDetails, known: Mapping[tuple[str, ...], Setting]) -> SettingProblem:
    location = tuple(map(str, details["loc"]))
    if details["type"] == REFUSED:
        context = details["ctx"]
        path = (*location, *context["setting"].split("."))
        name = ".".join(path)
        return SettingProblem(name, environment_name(path), context["value"], context[ALLOWED])
    setting = _setting_at(location, known)
    if setting is None:
        name = ".".join(location)
        words = _no_such(name, [setting.name for setting in known.values()])
        return SettingProblem(name, environment_name(location), MASKED, words)
    value = MASKED if setting.is_secret else repr(details["input"])
    return SettingProblem(setting.name, setting.environment, value, setting.allowed)


def _setting_at(
    location: tuple[str, ...], known: Mapping[tuple[str, ...], Setting]
) -> Setting | None:
    """Find a setting by where pydantic saw the error: there, or in an item or branch of it."""
    paths = [location[:length] for length in range(len(location), 0, -1)]
    return next((known[path] for path in paths if path in known), None)


def _no_such(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=_CLOSE)
    return "a setting of docs/settings.md" + (f"; did you mean {close[0]}?" if close else "")
