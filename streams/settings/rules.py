"""What is allowed, as fields say it, and as rules over several settings say it."""

from typing import Final

from pydantic import JsonValue
from pydantic_core import PydanticCustomError

MASKED: Final = "**********"
"""Stands for a value that is a secret, or may be one."""

REFUSED: Final = "setting_refused"
ALLOWED: Final = "allowed"


def allowed(words: str) -> dict[str, JsonValue]:
    """Return what a field's ``json_schema_extra`` is to be where its type does not say it all."""
    return {ALLOWED: words}


def refuse(setting: str, value: object, words: str) -> PydanticCustomError:
    """Return the error of a setting that does not go with the others.

    Args:
        setting: the setting, as seen from the model that raises the error.
        value: its value; ``MASKED`` if that is nobody's business.
        words: what is allowed.
    """
    return PydanticCustomError(REFUSED, "{allowed}", _context(setting, value, words))


def _context(setting: str, value: object, words: str) -> dict[str, object]:
    shown = MASKED if value is MASKED else repr(value)
    return {"setting": setting, "value": shown, ALLOWED: words}
