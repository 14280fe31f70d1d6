"""What the documentation and the errors say about each setting."""

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from joblog.streams.settings.rules import ALLOWED

ENVIRONMENT_PREFIX: Final = "JOBLOG_"
NESTED_DELIMITER: Final = "__"


class Setting(NamedTuple):
    """One setting: its path in the models (such as `("worker", "lease_ms")`) and its field."""

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def name(self) -> str:
        """Its name in documentation, errors and TOML, such as ``worker.lease_ms``."""
        return ".".join(self.path)

    @property
    def environment(self) -> str:
        """Its environment variable, such as ``JOBLOG_WORKER__LEASE_MS``."""
        return environment_name(self.path)

    @property
    def allowed(self) -> str:
        """What values make sense, for people."""
        extra = self.field.json_schema_extra
        if isinstance(extra, dict) and ALLOWED in extra:
            return str(extra[ALLOWED])
        return _allowed(self.field.annotation, self.field.metadata)

    @property
    def is_secret(self) -> bool:
        """Whether its value must not be shown."""
        annotation = self.field.annotation
        return annotation is SecretStr or SecretStr in get_args(annotation)


def settings_of(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Yield every setting of a model, those of its groups included, in their order."""
    groups = dict(groups_of(model))
    for name, field in model.model_fields.items():
        if (name,) in groups:
            yield from settings_of(groups[name,], (*path, name))
        else:
            yield Setting((*path, name), field)


def groups_of(model: type[BaseModel]) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Yield the groups of a model: path and model of each."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield (name,), field.annotation


def environment_name(path: tuple[str, ...]) -> str:
    """Return the environment variable of the setting at a path."""
    return ENVIRONMENT_PREFIX + NESTED_DELIMITER.join(path).upper()


def _allowed(annotation: Any, metadata: list[Any]) -> str:  # noqa: ANN401 - of any type
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(str, get_args(annotation)))
    least = next((bound.ge for bound in metadata if isinstance(bound, Ge)), None)
    most = next((bound.le for bound in metadata if isinstance(bound, Le)), None)
    if annotation is not int or least is None or most is None:
        raise TypeError(f"{annotation} needs bounds, or the words for what is allowed")
    return f"a whole number from {least} to {most}"
