"""Why a record is not passed on."""

from joblog.lifecycle.decisions import Refusal
from joblog.schemas.models import Event


class RefusedError(Exception):
    """A record is dead-lettered.

    Attributes:
        refusal: why: the reason; value, rule and fix for people.
        event: what could be read of it.
    """

    def __init__(self, refusal: Refusal, event: Event | None = None) -> None:
        self.refusal = refusal
        self.event = event
        super().__init__(refusal.detail)
