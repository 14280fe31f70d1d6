"""The jobs of the web applications: `joblog worker examples.web.reports:handlers` runs them."""

from pydantic import BaseModel, Field

from joblog import Registry

handlers = Registry()


class Sales(BaseModel):
    """What a report is made of.

    Attributes:
        month: which month.
        cents: the amount of each sale.
    """

    month: str = Field(pattern=r"^\d{4}-\d\d$")
    cents: list[int]


class Report(BaseModel):
    """What the sales of a month come to."""

    month: str
    sales: int
    total_cents: int


@handlers.job("make-report")
def make_report(sales: Sales) -> Report:
    """Add up the sales of a month; to do it again changes nothing."""
    return Report(month=sales.month, sales=len(sales.cents), total_cents=sum(sales.cents))
