"""Every rule is one that is known to find something."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.case import Rule
from tests.history.check import RULES
from tests.history.rules import attempts, determinism, handlers, order, outcomes, readable, refusals

PLANTED = Path(__file__).parents[2] / "kafka" / "history"


def _rules_of_modules() -> Iterator[str]:
    for module in (attempts, determinism, handlers, order, outcomes, readable, refusals):
        for name, value in vars(module).items():
            if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__:
                yield name


def test_no_rule_is_forgotten() -> None:
    assert {rule.__name__ for rule in RULES} == set(_rules_of_modules())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_violation_of_each_rule_is_planted_on_real_topics(rule: Rule) -> None:
    planted = "".join(file.read_text() for file in PLANTED.glob("test_*.py"))
    assert f'"{rule.__name__}"' in planted
    assert rule.__doc__
