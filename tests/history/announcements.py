"""What a partition's log has announced up to an offset: types of jobs, and limits."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.history.records import Event

Fields = Mapping[str, Any]

UNANNOUNCED_LIMITS: Final[Fields] = {
    "lanes": ["default"],
    "loss_limit": 3,
    "max_dead_letter_bytes": 2_097_152,
}
"""What the contract says until a log announces its limits; only what the rules ask for."""

_LIMITS: Final = ""


class Announcements:
    """Takes up announcements in the order of the log; only a higher version changes anything."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[tuple[int, Fields]]] = {}

    def take(self, event: Event, offset: int) -> None:
        """Take up an event that was decided at an offset, if it is an announcement."""
        if event.name not in {"TypeAnnounced", "LimitsAnnounced"}:
            return
        if event.name == "TypeAnnounced" and event.fields["lane"] not in self._lanes(offset):
            return  # it is refused
        versions = self._known.setdefault((event.name, event.fields.get("type", _LIMITS)), [])
        if not versions or event.fields["version"] > versions[-1][1]["version"]:
            versions.append((offset, event.fields))

    def type_at(self, job_type: str, offset: int) -> Fields | None:
        """Return what is known of a type at an offset, None where it is not declared."""
        return self._at("TypeAnnounced", job_type, offset)

    def limits_at(self, offset: int) -> Fields:
        """Return the limits at an offset."""
        return self._at("LimitsAnnounced", _LIMITS, offset) or UNANNOUNCED_LIMITS

    def _lanes(self, offset: int) -> Sequence[str]:
        lanes: Sequence[str] = self.limits_at(offset)["lanes"]
        return lanes

    def _at(self, name: str, subject: str, offset: int) -> Fields | None:
        versions = self._known.get((name, subject), [])
        place = bisect_right(versions, offset, key=lambda version: version[0])
        return versions[place - 1][1] if place else None
