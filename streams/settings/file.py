"""The settings file: a TOML file that an environment variable names."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from joblog.streams.errors import SettingProblem, SettingsError
from joblog.streams.settings.problems import FILE_VARIABLE


class SettingsFile(PydanticBaseSettingsSource):
    """The settings in the file that ``JOBLOG_SETTINGS_FILE`` names; none if it names no file.

    Raises:
        SettingsError: the file cannot be read, or is no TOML.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        path = os.environ.get(FILE_VARIABLE)
        self._values = _read(Path(path)) if path else {}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic asks so
        """Return the value of a field, its name, and that nothing is left to decode."""
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return all that the file says."""
        return self._values


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(path, f"this one cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _refused(path, f"this is none ({error})") from error


def _refused(path: Path, reason: str) -> SettingsError:
    words = f"the path of a TOML file in UTF-8; {reason}"
    return SettingsError([SettingProblem("settings file", FILE_VARIABLE, repr(str(path)), words)])
