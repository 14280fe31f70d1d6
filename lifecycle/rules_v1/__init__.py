"""Version 1 of the rules. Once released it is only mended in a way that changes no past decision."""

from joblog.lifecycle.rules_v1.rules import RulesV1

__all__ = ["RulesV1"]
