"""A measured figure beside its bar."""

from typing import NamedTuple


class Figure(NamedTuple):
    """A figure.

    Attributes:
        what: what was measured, with its unit.
        bar: what it has to be, with its sign: `≤ 10` or `≥ 90`.
        value: what it was.
    """

    what: str
    bar: str
    value: float

    @property
    def holds(self) -> bool:
        """Whether it is what it has to be."""
        sign, limit = self.bar.split()
        return self.value <= float(limit) if sign == "≤" else self.value >= float(limit)
