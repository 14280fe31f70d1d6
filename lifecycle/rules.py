"""All versions of the rules that ever decided, so that every history can be replayed."""

from collections.abc import Mapping
from typing import Final

from joblog.lifecycle.decisions import Rules
from joblog.lifecycle.errors import UnknownRulesError
from joblog.lifecycle.rules_v1 import RulesV1

VERSIONS: Final[Mapping[int, Rules]] = {1: RulesV1()}


def rules_of(version: int, versions: Mapping[int, Rules] = VERSIONS) -> Rules:
    """Return a version of the rules.

    Raises:
        UnknownRulesError: this program does not have it.
    """
    found = versions.get(version)
    if found is None:
        raise UnknownRulesError(version, tuple(versions))
    return found
